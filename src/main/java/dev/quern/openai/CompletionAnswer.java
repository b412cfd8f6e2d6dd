package dev.quern.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/** A text completion, or a chunk of one: the two have the same object name and fields. */
record CompletionAnswer(
    String id,
    String object,
    long created,
    String model,
    List<Choice> choices,
    @JsonInclude(JsonInclude.Include.NON_NULL) String systemFingerprint,
    @JsonInclude(JsonInclude.Include.NON_NULL) Usage usage)
    implements WholeAnswer {

  /**
   * @param index prompt × n + output
   * @param finishReason null while it goes on
   * @param stopReason the stop string or token id that ended it, or null
   */
  record Choice(
      int index,
      String text,
      CompletionLogprobs logprobs,
      String finishReason,
      Object stopReason,
      @JsonInclude(JsonInclude.Include.NON_NULL) int[] tokenIds,
      @JsonInclude(JsonInclude.Include.NON_NULL) List<Map<String, PromptLogprob>> promptLogprobs,
      @JsonInclude(JsonInclude.Include.NON_NULL) int[] promptTokenIds) {}

  static CompletionAnswer of(
      AnswerHead head, List<Choice> choices, boolean fingerprint, Usage usage) {
    return new CompletionAnswer(
        head.id(),
        "text_completion",
        head.created(),
        head.model(),
        choices,
        fingerprint ? head.systemFingerprint() : null,
        usage);
  }
}
