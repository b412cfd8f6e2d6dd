package dev.quern.engine;

import dev.quern.backend.Sampling;

/**
 * A plain sampler over one row of logits, in the documented order; top-k, top-p, min-p left out.
 */
final class FakeSampler {
  private FakeSampler() {}

  /** Masks, bias and penalties of a sampled row, in place. */
  static void edit(float[] logits, Sampling s, int row) {
    for (int v = 0; v < logits.length; v++)
      if (s.allowed[row] != null && (s.allowed[row][v >> 6] >>> v & 1) == 0)
        logits[v] = Float.NEGATIVE_INFINITY;
    if (s.banned[row] != null) for (int id : s.banned[row]) logits[id] = Float.NEGATIVE_INFINITY;
    if (s.biasIds[row] != null)
      for (int i = 0; i < s.biasIds[row].length; i++)
        logits[s.biasIds[row][i]] += s.biasValues[row][i];
    penalise(logits, s, row);
  }

  private static void penalise(float[] logits, Sampling s, int row) {
    if (s.repetitionPenalty[row] == 1
        && s.frequencyPenalty[row] == 0
        && s.presencePenalty[row] == 0) return;
    int[] all = new int[logits.length];
    int[] output = new int[logits.length];
    for (int i = 0; i < s.historyLength[row]; i++) {
      all[s.history[row][i]]++;
      if (i >= s.promptLength[row]) output[s.history[row][i]]++;
    }
    for (int v = 0; v < logits.length; v++) {
      if (all[v] > 0) {
        float r = s.repetitionPenalty[row];
        logits[v] = logits[v] > 0 ? logits[v] / r : logits[v] * r;
      }
      logits[v] -= s.frequencyPenalty[row] * output[v];
      if (output[v] > 0) logits[v] -= s.presencePenalty[row];
    }
  }

  static int choose(float[] logits, float temperature, long seed, int outputIndex) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int v = 0; v < logits.length; v++) {
      double value = logits[v];
      if (temperature >= 1e-5f) {
        double uniform = ((mix(mix(seed) ^ outputIndex * 1000003L ^ v) >>> 11) + 1) * 0x1p-54;
        value = value / temperature - Math.log(-Math.log(uniform));
      }
      if (value > highest) {
        highest = value;
        best = v;
      }
    }
    return best;
  }

  static float logprob(float[] logits, int id) {
    double sum = 0;
    for (float logit : logits) sum += Math.exp(logit);
    return (float) (logits[id] - Math.log(sum));
  }

  static int rank(float[] logits, int id) {
    int rank = 1;
    for (float logit : logits) if (logit > logits[id]) rank++;
    return rank;
  }

  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
