package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The online softmax of {@link VectorAttention} on one block of scores, [height, 32]. */
final class Softmax {
  private static final int BLOCK = ScalarAttention.BLOCK;

  /** Room for the queries of a tile in whole vectors. */
  private static final int TILE_LANES = Math.max(VectorAttention.TILE, LANES);

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
   */
  static void weigh(AttentionScratch s, int count, int height, int dim) {
    for (int q = 0; q < count; q++) {
      float max = Math.max(s.oldMax[q], max(s.scores, q * BLOCK));
      s.newMax[q] = max;
      s.shift[q] = max == Float.NEGATIVE_INFINITY ? 0 : max;
    }
    for (int q = 0; q < TILE_LANES; q += LANES) {
      FloatVector old = FloatVector.fromArray(FLOATS, s.oldMax, q);
      VectorMath.exp(old.sub(FloatVector.fromArray(FLOATS, s.shift, q))).intoArray(s.shrink, q);
    }
    for (int q = 0; q < count; q++) {
      // Mostly the maximum stays, and times 1 changes nothing.
      if (s.newMax[q] != s.oldMax[q]) {
        rescale(s, q, height, dim);
        s.oldMax[q] = s.newMax[q];
      }
    }
    exp(s.scores, s.shift, s.weightSums, count);
    for (int i = 0; i < BLOCK; i++) {
      for (int q = 0; q < count; q++) {
        s.weights[i * height + q] = s.scores[q * BLOCK + i];
      }
    }
  }

  private static void rescale(AttentionScratch s, int query, int height, int dim) {
    multiply(s.weightSums, query * BLOCK, s.shrink[query]);
    for (int d = 0; d < dim; d += 32) {
      multiply(s.sums, d * height + query * 32, s.shrink[query]);
    }
  }

  private static float max(float[] scores, int at) {
    FloatVector max = FloatVector.fromArray(FLOATS, scores, at);
    for (int i = LANES; i < BLOCK; i += LANES) {
      max = max.max(FloatVector.fromArray(FLOATS, scores, at + i));
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  private static void multiply(float[] values, int at, float factor) {
    for (int i = 0; i < 32; i += LANES) {
      FloatVector.fromArray(FLOATS, values, at + i).mul(factor).intoArray(values, at + i);
    }
  }

  private static void exp(float[] scores, float[] shift, float[] weightSums, int count) {
    for (int i = 0; i < count * BLOCK; i += LANES) {
      FloatVector score = FloatVector.fromArray(FLOATS, scores, i).sub(shift[i / BLOCK]);
      FloatVector weight = VectorMath.exp(score);
      weight.intoArray(scores, i);
      FloatVector.fromArray(FLOATS, weightSums, i).add(weight).intoArray(weightSums, i);
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
