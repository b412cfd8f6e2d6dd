package dev.quern.backend.cpu;

import dev.quern.backend.Attention;
import dev.quern.backend.Norm;
import dev.quern.backend.Rope;

/**
 * What happens to a row of the merged projection before attention: clamp, norms, rotation, scale.
 */
final class QkNormRope {
  private QkNormRope() {}

  static void apply(float[] row, Attention attention, int position) {
    clamp(row, attention.clampQkv());
    int dim = attention.headDim();
    int queries = attention.heads() * dim;
    int keys = attention.kvHeads() * dim;
    if (!attention.normAfterRope()) {
      norms(row, attention);
    }
    if (attention.rope() != null) {
      rotate(row, (queries + keys) / dim, dim, attention.rope(), position);
    }
    if (attention.normAfterRope()) {
      norms(row, attention);
    }
    if (attention.queryScale() != null) {
      float scale = queryScale(attention, position);
      for (int i = 0; i < queries; i++) {
        row[i] *= scale;
      }
    }
  }

  static float queryScale(Attention attention, int position) {
    CpuTensor table = (CpuTensor) attention.queryScale();
    checkPosition(position, table);
    return table.get(position, 0);
  }

  private static void norms(float[] row, Attention attention) {
    int dim = attention.headDim();
    int queries = attention.heads() * dim;
    int keys = attention.kvHeads() * dim;
    norm(row, 0, queries, dim, attention.qNorm(), attention.wholeNorm());
    norm(row, queries, keys, dim, attention.kNorm(), attention.wholeNorm());
  }

  static void clamp(float[] row, float limit) {
    if (limit > 0) {
      for (int i = 0; i < row.length; i++) {
        row[i] = Math.max(-limit, Math.min(limit, row[i]));
      }
    }
  }

  private static void norm(float[] row, int from, int count, int dim, Norm norm, boolean whole) {
    if (norm == null) {
      return;
    }
    if (whole) {
      ScalarNorm.apply(row, from, count, norm, 0);
      return;
    }
    for (int head = 0; head < count; head += dim) {
      ScalarNorm.apply(row, from + head, dim, norm, weightStart(norm, head, dim));
    }
  }

  /** The heads share one weight [1,D], or each has its own part of [1,H·D] (Cohere). */
  static int weightStart(Norm norm, int head, int dim) {
    return norm.weight() == null || norm.weight().cols() == dim ? 0 : head;
  }

  private static void rotate(float[] row, int heads, int dim, Rope rope, int position) {
    CpuTensor table = (CpuTensor) rope.cosSin();
    checkPosition(position, table);
    int half = rope.rotaryDim() / 2;
    int step = rope.interleaved() ? 2 : 1;
    int distance = rope.interleaved() ? 1 : half;
    for (int head = 0; head < heads; head++) {
      for (int i = 0; i < half; i++) {
        float cos = table.get(position, i);
        float sin = table.get(position, half + i);
        int at = head * dim + i * step;
        float a = row[at];
        float b = row[at + distance];
        row[at] = a * cos - b * sin;
        row[at + distance] = b * cos + a * sin;
      }
    }
  }

  static void checkPosition(int position, CpuTensor table) {
    if (position < 0 || position >= table.rows()) {
      throw new IndexOutOfBoundsException(
          "position " + position + " is past the table of " + table.rows());
    }
  }
}
