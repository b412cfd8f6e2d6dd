package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The online softmax of {@link VectorAttention} on one block of scores, [height, 32]. */
final class Softmax {
  private static final int BLOCK = ScalarAttention.BLOCK;

  private Softmax() {}

  /** scores = cap · tanh(scores · scale / cap), or scores · scale where cap is 0. */
  static void scale(float[] scores, int count, float scale, float cap) {
    if (cap == 0) {
      for (int i = 0; i < count * BLOCK; i += LANES) {
        FloatVector.fromArray(FLOATS, scores, i).mul(scale).intoArray(scores, i);
      }
    } else {
      for (int i = 0; i < count * BLOCK; i += LANES) {
        FloatVector score = FloatVector.fromArray(FLOATS, scores, i).mul(scale);
        VectorMath.tanh(score.div(cap)).mul(cap).intoArray(scores, i);
      }
    }
  }

  /**
   * Turns scores into weights, adds them up, and rescales what was summed before. A query that sees
   * nothing of the block has scores of -∞ alone and keeps what it has.
   *
   * <p>One long method on purpose: the compiler does not inline it, and compiled by itself it stays
   * below the size from which vectors are put into objects.
   */
  static void weigh(AttentionScratch s, int count, int height, int dim) {
    float[] scores = s.scores;
    float[] weightSums = s.weightSums;
    float[] sums = s.sums;
    for (int q = 0; q < count; q++) {
      FloatVector highest = FloatVector.fromArray(FLOATS, scores, q * BLOCK);
      for (int i = LANES; i < BLOCK; i += LANES) {
        highest = highest.max(FloatVector.fromArray(FLOATS, scores, q * BLOCK + i));
      }
      float max = Math.max(s.max[q], highest.reduceLanes(VectorOperators.MAX));
      if (max != s.max[q]) { // mostly the maximum stays, and times 1 would change nothing
        float shrink = (float) Math.exp(s.max[q] - max);
        for (int i = 0; i < BLOCK; i += LANES) {
          FloatVector sum = FloatVector.fromArray(FLOATS, weightSums, q * BLOCK + i);
          sum.mul(shrink).intoArray(weightSums, q * BLOCK + i);
        }
        for (int d = 0; d < dim; d += 32) {
          for (int i = 0; i < 32; i += LANES) {
            FloatVector sum = FloatVector.fromArray(FLOATS, sums, d * height + q * 32 + i);
            sum.mul(shrink).intoArray(sums, d * height + q * 32 + i);
          }
        }
        s.max[q] = max;
      }
      s.shift[q] = max == Float.NEGATIVE_INFINITY ? 0 : max;
    }
    for (int i = 0; i < count * BLOCK; i += LANES) {
      FloatVector score = FloatVector.fromArray(FLOATS, scores, i);
      FloatVector weight =
          VectorMath.exp(score.sub(FloatVector.broadcast(FLOATS, s.shift[i / BLOCK])));
      weight.intoArray(scores, i);
      FloatVector sum = FloatVector.fromArray(FLOATS, weightSums, i);
      sum.add(weight).intoArray(weightSums, i);
    }
    for (int i = 0; i < BLOCK; i++) {
      for (int q = 0; q < count; q++) {
        s.weights[i * height + q] = scores[q * BLOCK + i];
      }
    }
  }

  /** Writes the weighted mean of one query to an address. */
  static void divide(AttentionScratch s, int query, int height, int dim, long out) {
    float total = 0;
    for (int i = 0; i < BLOCK; i++) {
      total += s.weightSums[query * BLOCK + i];
    }
    for (int d = 0; d < dim; d += LANES) {
      int place = d / 32 * 32 * height + query * 32 + d % 32;
      FloatVector value = FloatVector.fromArray(FLOATS, s.sums, place).div(total);
      Lanes.store(value, out + d * 4L, dim - d);
    }
  }
}
