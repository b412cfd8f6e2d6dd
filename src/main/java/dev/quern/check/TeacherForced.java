package dev.quern.check;

import dev.quern.engine.GenerationResult;
import dev.quern.engine.Generator;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.TokenLogprobs;

/** A text fed to an engine: the log-probabilities of what comes at each place. */
final class TeacherForced {
  private TeacherForced() {}

  /**
   * Those over the whole vocabulary, for the tokens from {@code from} on: [tokens - from][V], in
   * the order of ids. The engine must allow max_logprobs of -1.
   *
   * @param from at least 1: nothing is said of the first token
   */
  static float[][] logprobs(Generator engine, int[] tokens, int from) throws InterruptedException {
    SamplingParams params =
        SamplingParams.builder()
            .temperature(0)
            .maxTokens(1)
            .promptLogprobs(-1)
            .detokenize(false)
            .build();
    GenerationResult result =
        engine.submit(new Request("teacher-forced", tokens, params, null), null).await();
    float[][] rows = new float[tokens.length - from][];
    for (int p = from; p < tokens.length; p++) {
      TokenLogprobs one = result.promptLogprobs().get(p);
      float[] row = new float[one.topIds().length];
      for (int i = 0; i < row.length; i++) {
        row[one.topIds()[i]] = one.topLogprobs()[i];
      }
      rows[p - from] = row;
    }
    return rows;
  }
}
