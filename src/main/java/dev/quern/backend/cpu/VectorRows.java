package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.load;
import static dev.quern.backend.cpu.Lanes.store;

import dev.quern.backend.Attention;
import dev.quern.backend.Norm;
import dev.quern.backend.Rope;
import jdk.incubator.vector.FloatVector;

/** Simple ops on a row by address. */
final class VectorRows {
  private VectorRows() {}

  /** y += alpha · x. */
  static void add(long y, long x, float alpha, int count) {
    FloatVector factor = FloatVector.broadcast(FLOATS, alpha);
    for (int i = 0; i < count; i += LANES) {
      FloatVector sum = load(x + i * 4L, count - i).fma(factor, load(y + i * 4L, count - i));
      store(sum, y + i * 4L, count - i);
    }
  }

  /** x = cap · tanh(x · scale / cap), or x · scale where cap is 0. */
  static void scaleSoftcap(long x, float scale, float cap, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(x + i * 4L, count - i).mul(scale);
      store(cap == 0 ? value : VectorMath.tanh(value.div(cap)).mul(cap), x + i * 4L, count - i);
    }
  }

  /**
   * Clamp, norms, rotation and scale of a row of the merged projection; the rotation is of halves.
   */
  static void qkNormRope(long row, Attention attention, int position, float[] lanes) {
    int dim = attention.headDim();
    int queries = attention.heads() * dim;
    int keys = attention.kvHeads() * dim;
    if (attention.clampQkv() > 0) {
      clamp(row, attention.clampQkv(), attention.qkvCols());
    }
    if (!attention.normAfterRope()) {
      norms(row, attention, lanes);
    }
    Rope rope = attention.rope();
    if (rope != null) {
      CpuTensor table = (CpuTensor) rope.cosSin();
      QkNormRope.checkPosition(position, table);
      long angles = table.address() + (long) position * table.cols() * 4;
      for (int head = 0; head < queries + keys; head += dim) {
        rotate(row + head * 4L, angles, rope.rotaryDim() / 2);
      }
    }
    if (attention.normAfterRope()) {
      norms(row, attention, lanes);
    }
    if (attention.queryScale() != null) {
      scaleSoftcap(row, QkNormRope.queryScale(attention, position), 0, queries);
    }
  }

  private static void norms(long row, Attention attention, float[] lanes) {
    int dim = attention.headDim();
    int queries = attention.heads() * dim;
    int keys = attention.kvHeads() * dim;
    norm(row, queries, dim, attention.qNorm(), attention.wholeNorm(), lanes);
    norm(row + queries * 4L, keys, dim, attention.kNorm(), attention.wholeNorm(), lanes);
  }

  private static void clamp(long x, float limit, int count) {
    for (int i = 0; i < count; i += LANES) {
      store(load(x + i * 4L, count - i).min(limit).max(-limit), x + i * 4L, count - i);
    }
  }

  private static void norm(long x, int count, int dim, Norm norm, boolean whole, float[] lanes) {
    if (norm == null) {
      return;
    }
    int width = whole ? count : dim;
    for (int head = 0; head < count; head += width) {
      long at = x + head * 4L;
      VectorNorm.apply(at, at, width, norm, QkNormRope.weightStart(norm, head, width), lanes);
    }
  }

  private static void rotate(long head, long angles, int half) {
    for (int i = 0; i < half; i += LANES) {
      int left = half - i;
      long at = head + i * 4L;
      FloatVector cos = load(angles + i * 4L, left);
      FloatVector sin = load(angles + (half + i) * 4L, left);
      FloatVector a = load(at, left);
      FloatVector b = load(at + half * 4L, left);
      store(a.mul(cos).sub(b.mul(sin)), at, left);
      store(b.mul(cos).add(a.mul(sin)), at + half * 4L, left);
    }
  }
}
