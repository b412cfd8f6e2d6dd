package dev.quern.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/** A whole chat completion. */
record ChatAnswer(
    String id,
    String object,
    long created,
    String model,
    List<Choice> choices,
    String systemFingerprint,
    Usage usage,
    @JsonInclude(JsonInclude.Include.NON_NULL) List<Map<String, PromptLogprob>> promptLogprobs,
    @JsonInclude(JsonInclude.Include.NON_NULL) int[] promptTokenIds,
    @JsonInclude(JsonInclude.Include.NON_NULL) String promptText)
    implements WholeAnswer {

  record Choice(
      int index,
      Message message,
      ChatLogprobs logprobs,
      String finishReason,
      Object stopReason,
      @JsonInclude(JsonInclude.Include.NON_NULL) int[] tokenIds) {}

  /**
   * @param refusal always null: the models here answer or say so in the content
   */
  record Message(String role, String content, String refusal) {}
}
