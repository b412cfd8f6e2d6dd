package dev.quern.engine;

import java.util.List;

/**
 * A request's whole outcome.
 *
 * @param outputs n of them, by index
 * @param promptLogprobs one per prompt token where asked for (the first is null), else null
 * @param cachedTokens prompt tokens found in the prefix cache
 */
public record GenerationResult(
    Request request,
    List<Output> outputs,
    List<TokenLogprobs> promptLogprobs,
    int cachedTokens,
    Timing timing) {

  /**
   * One output.
   *
   * @param tokens all ids, the one that stopped it included
   * @param text the whole text; empty without a tokenizer or with {@code detokenize} false
   * @param logprobs one per id where asked for, else null
   * @param stopReason see {@link Delta#stopReason}
   */
  public record Output(
      int index,
      int[] tokens,
      String text,
      List<TokenLogprobs> logprobs,
      FinishReason finish,
      Object stopReason) {}

  /**
   * Nanoseconds on {@link System#nanoTime}: submitted, first scheduled, first token, last token.
   */
  public record Timing(long submitted, long scheduled, long firstToken, long lastToken) {}
}
