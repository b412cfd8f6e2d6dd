package dev.quern.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** A piece of a streamed chat completion. */
record ChatChunk(
    String id,
    String object,
    long created,
    String model,
    List<Choice> choices,
    @JsonInclude(JsonInclude.Include.NON_NULL) String systemFingerprint,
    @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage,
    @JsonInclude(JsonInclude.Include.NON_NULL) int[] promptTokenIds,
    @JsonInclude(JsonInclude.Include.NON_NULL) String promptText) {

  /**
   * @param stopReason only where it ends, JSON's null included
   */
  record Choice(
      int index,
      Message delta,
      ChatLogprobs logprobs,
      String finishReason,
      @JsonInclude(JsonInclude.Include.NON_NULL) JsonNode stopReason,
      @JsonInclude(JsonInclude.Include.NON_NULL) int[] tokenIds) {}

  /**
   * @param role only in a choice's first chunk
   */
  record Message(@JsonInclude(JsonInclude.Include.NON_NULL) String role, String content) {}
}
