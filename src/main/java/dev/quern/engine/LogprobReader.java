package dev.quern.engine;

import dev.quern.backend.Sampling;
import java.util.Arrays;

/** Reads the log-probabilities of a landed step's rows. */
final class LogprobReader {
  private LogprobReader() {}

  /**
   * @param token the sampled id, or the prompt's
   * @param wanted alternatives; -1 = the whole vocabulary
   */
  static TokenLogprobs read(Sampling sampling, int row, int token, int wanted) {
    float logprob = sampling.chosenLogprob[row];
    int rank = sampling.chosenRank[row];
    if (sampling.logprobs[row] == -2) {
      float[] all = sampling.allLogprobs[row];
      int[] ids = best(all, wanted == -1 ? all.length : Math.min(wanted, all.length));
      float[] values = new float[ids.length];
      for (int i = 0; i < ids.length; i++) values[i] = all[ids[i]];
      return new TokenLogprobs(token, logprob, rank, ids, values);
    }
    int from = row * sampling.maxLogprobs;
    return new TokenLogprobs(
        token,
        logprob,
        rank,
        Arrays.copyOfRange(sampling.topIds, from, from + wanted),
        Arrays.copyOfRange(sampling.topLogprobs, from, from + wanted));
  }

  /** The ids of the {@code count} highest values, ties by lower id. */
  private static int[] best(float[] values, int count) {
    long[] keys = new long[values.length];
    for (int id = 0; id < keys.length; id++) {
      int bits = Float.floatToIntBits(values[id]);
      int ascending = bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE;
      keys[id] = (~ascending & 0xFFFFFFFFL) << 32 | id;
    }
    // Unsigned order by the flipped sign bit.
    for (int i = 0; i < keys.length; i++) keys[i] ^= Long.MIN_VALUE;
    Arrays.sort(keys);
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) ids[i] = (int) keys[i];
    return ids;
  }
}
