package dev.quern.backend.cpu;

import dev.quern.backend.Batch;
import dev.quern.backend.Sampling;

/**
 * Log-probabilities under the raw logits. Alternatives are taken at once; the raw row of a token
 * that is still to be sampled is kept, since masks and penalties change the logits in place.
 */
final class Logprobs {
  /** Raw rows by logit row, with their log-sum-exp; grown as needed and used again. */
  private float[][] rawRows = new float[0][];

  private double[] logSums = new double[0];
  private float[] weights = new float[0];
  private final LogitMath math;

  Logprobs(LogitMath math) {
    this.math = math;
  }

  void record(CpuTensor logits, Batch batch, int fromRow) {
    Sampling sampling = batch.sampling;
    int vocabulary = logits.cols();
    float[] scratch = null;
    for (int i = 0; i < logits.rows(); i++) {
      int row = fromRow + i;
      int wanted = sampling.logprobs[row];
      if (wanted == -1) {
        continue;
      }
      boolean later = sampling.targets[row] < 0;
      if (!later && scratch == null) {
        scratch = new float[vocabulary];
      }
      float[] raw = later ? kept(row, vocabulary) : scratch;
      logits.readRow(i, raw);
      double logSum = logSum(raw);
      if (wanted == -2) {
        sampling.allLogprobs[row] = all(raw, logSum);
      } else if (wanted > 0) {
        top(raw, logSum, Math.min(wanted, vocabulary), sampling, row);
      }
      if (later) {
        logSums[row] = logSum;
      } else {
        record(sampling, row, raw, logSum, sampling.targets[row]);
      }
    }
  }

  void recordChosen(Batch batch) {
    Sampling sampling = batch.sampling;
    for (int row = 0; row < batch.sampledRows; row++) {
      if (sampling.logprobs[row] != -1 && sampling.targets[row] < 0) {
        record(sampling, row, rawRows[row], logSums[row], sampling.nextTokens[row]);
      }
    }
  }

  private float[] kept(int row, int vocabulary) {
    if (row >= rawRows.length) {
      rawRows = java.util.Arrays.copyOf(rawRows, row + 1);
      logSums = java.util.Arrays.copyOf(logSums, row + 1);
    }
    if (rawRows[row] == null || rawRows[row].length != vocabulary) {
      rawRows[row] = new float[vocabulary];
    }
    return rawRows[row];
  }

  private static void record(Sampling sampling, int row, float[] raw, double logSum, int id) {
    int higher = 0;
    for (float value : raw) {
      if (value > raw[id]) {
        higher++;
      }
    }
    sampling.chosenLogprob[row] = (float) (raw[id] - logSum);
    sampling.chosenRank[row] = higher + 1;
  }

  /** log Σ exp(v). */
  private double logSum(float[] values) {
    if (weights.length != values.length) {
      weights = new float[values.length];
    }
    float max = Float.NEGATIVE_INFINITY;
    for (float value : values) {
      max = Math.max(max, value);
    }
    math.exp(values, max, 1, weights);
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    return max + Math.log(sum);
  }

  private static float[] all(float[] raw, double logSum) {
    float[] result = new float[raw.length];
    for (int v = 0; v < raw.length; v++) {
      result[v] = (float) (raw[v] - logSum);
    }
    return result;
  }

  /** The best {@code count} ids by insertion into the sorted row; ids come in rising order. */
  private static void top(float[] raw, double logSum, int count, Sampling sampling, int row) {
    if (count > sampling.maxLogprobs) {
      throw new IllegalArgumentException(
          count + " logprobs wanted, at most " + sampling.maxLogprobs + " are planned for");
    }
    int first = row * sampling.maxLogprobs;
    int filled = 0;
    for (int id = 0; id < raw.length; id++) {
      if (filled == count && !(raw[id] > raw[sampling.topIds[first + count - 1]])) {
        continue;
      }
      int place = filled < count ? filled++ : count - 1;
      while (place > 0 && raw[id] > raw[sampling.topIds[first + place - 1]]) {
        sampling.topIds[first + place] = sampling.topIds[first + place - 1];
        place--;
      }
      sampling.topIds[first + place] = id;
    }
    for (int i = 0; i < filled; i++) {
      sampling.topLogprobs[first + i] = (float) (raw[sampling.topIds[first + i]] - logSum);
    }
  }
}
