package dev.quern.openai;

import dev.quern.engine.ServedModel;

/** How many tokens an output may have. */
final class OutputTokens {
  private OutputTokens() {}

  /**
   * The bound for one prompt.
   *
   * @param asked what the body asks for, or null
   * @param otherwise where it asks for nothing
   * @param param the field to name where the prompt is too long
   * @throws ApiException (400) where prompt and output do not fit into the context
   */
  static int limit(
      ServedModel model, int promptTokens, Integer asked, int otherwise, String param) {
    int room = model.maxModelLen() - promptTokens;
    if (room < 1)
      throw ApiException.badRequest(
          "This model's maximum context length is %d tokens, but the prompt has %d and leaves no room for output. Please shorten the prompt."
              .formatted(model.maxModelLen(), promptTokens),
          param);
    if (asked != null && asked > room)
      throw ApiException.badRequest(
          "This model's maximum context length is %d tokens, but %d were requested: %d in the prompt and %d of output. Please shorten the prompt or lower max_tokens."
              .formatted(model.maxModelLen(), (long) promptTokens + asked, promptTokens, asked),
          "max_tokens");
    int limit = asked != null ? asked : Math.min(otherwise, room);
    Integer cap = model.defaults().maxNewTokens();
    return cap == null ? limit : Math.min(limit, cap);
  }
}
