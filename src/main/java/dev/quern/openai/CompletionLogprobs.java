package dev.quern.openai;

import dev.quern.engine.TokenLogprobs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Log-probabilities of a completion, as parallel lists.
 *
 * @param textOffset where each token starts, in characters of the token texts joined
 * @param tokenLogprobs null for a prompt's first token, which nothing predicts
 * @param topLogprobs the chosen token and the alternatives asked for
 */
record CompletionLogprobs(
    List<Integer> textOffset,
    List<Float> tokenLogprobs,
    List<String> tokens,
    List<Map<String, Float>> topLogprobs) {

  /**
   * @param ids the tokens told of
   * @param logprobs one per id, with null where there is none
   * @param offset where the first token starts
   */
  static CompletionLogprobs of(
      int[] ids, List<TokenLogprobs> logprobs, int offset, TokenText text) {
    CompletionLogprobs lists =
        new CompletionLogprobs(
            new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < ids.length; i++) {
      TokenLogprobs step = i < logprobs.size() ? logprobs.get(i) : null;
      String token = text.of(ids[i]);
      lists.textOffset.add(offset);
      lists.tokens.add(token);
      lists.tokenLogprobs.add(step == null ? null : TokenText.finite(step.logprob()));
      lists.topLogprobs.add(step == null ? null : top(token, step, text));
      offset += token.codePointCount(0, token.length());
    }
    return lists;
  }

  private static Map<String, Float> top(String token, TokenLogprobs step, TokenText text) {
    Map<String, Float> top = new LinkedHashMap<>();
    top.put(token, TokenText.finite(step.logprob()));
    for (int i = 0; i < step.topIds().length; i++)
      top.putIfAbsent(text.of(step.topIds()[i]), TokenText.finite(step.topLogprobs()[i]));
    return top;
  }

  /** Where the token after these starts. */
  int endOffset(int start) {
    if (tokens.isEmpty()) return start;
    String last = tokens.getLast();
    return textOffset.getLast() + last.codePointCount(0, last.length());
  }
}
