package dev.quern.openai;

import dev.quern.engine.TokenLogprobs;
import java.util.ArrayList;
import java.util.List;

/**
 * Log-probabilities of a chat's answer, one entry per token.
 *
 * @param refusal null: no answer is told apart as a refusal, but clients want the field
 */
record ChatLogprobs(List<Entry> content, List<Entry> refusal) {

  /**
   * @param bytes the token's text in UTF-8
   */
  record Entry(String token, float logprob, int[] bytes, List<Top> topLogprobs) {}

  record Top(String token, float logprob, int[] bytes) {}

  static ChatLogprobs of(List<TokenLogprobs> steps, TokenText text) {
    List<Entry> entries = new ArrayList<>(steps.size());
    for (TokenLogprobs step : steps) {
      List<Top> top = new ArrayList<>(step.topIds().length);
      for (int i = 0; i < step.topIds().length; i++) {
        String token = text.of(step.topIds()[i]);
        top.add(new Top(token, TokenText.finite(step.topLogprobs()[i]), TokenText.bytes(token)));
      }
      String token = text.of(step.token());
      entries.add(new Entry(token, TokenText.finite(step.logprob()), TokenText.bytes(token), top));
    }
    return new ChatLogprobs(entries, null);
  }
}
