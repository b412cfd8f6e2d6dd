package dev.quern.openai;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Tokens of a call.
 *
 * @param promptTokens each prompt counts once, whatever n is
 */
public record Usage(
    int promptTokens,
    int totalTokens,
    int completionTokens,
    @JsonInclude(JsonInclude.Include.NON_NULL) PromptTokensDetails promptTokensDetails) {

  /**
   * @param cachedTokens those found in the prefix cache
   */
  public record PromptTokensDetails(int cachedTokens) {}

  static Usage of(int promptTokens, int completionTokens, Integer cachedTokens) {
    return new Usage(
        promptTokens,
        promptTokens + completionTokens,
        completionTokens,
        cachedTokens == null ? null : new PromptTokensDetails(cachedTokens));
  }
}
