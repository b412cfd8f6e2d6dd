package dev.quern.backend;

import static dev.quern.backend.OpsFixture.assertSame;
import static dev.quern.backend.OpsFixture.slice;

import org.junit.jupiter.api.Test;

/** Clamp, query and key norms, and rotary embedding. */
public interface RotationContract extends RowOpsContract {
  @Test
  default void queriesAndKeysAreClampedNormedAndRotated() {
    int[][] shapes = {
      {4, 2, 64, 64}, {2, 2, 80, 32}, {3, 1, 96, 24}, {2, 1, 128, 128}, {1, 1, 6, 2}
    };
    for (int[] s : shapes) {
      for (int variant = 0; variant < 36; variant++) {
        boolean whole = variant % 3 == 2;
        boolean own = variant >= 12 && variant % 3 == 1;
        boolean after = variant >= 24 && !whole;
        Norm qNorm = null;
        Norm kNorm = null;
        if (variant % 3 > 0) {
          Norm.Kind kind = own ? Norm.Kind.LAYER : Norm.Kind.RMS;
          Tensor q = random(1, whole || own ? s[0] * s[2] : s[2], 1);
          Tensor k = random(1, whole || own ? s[1] * s[2] : s[2], 2);
          qNorm = new Norm(kind, q, null, 1e-6f, 0);
          kNorm = new Norm(kind, k, null, 1e-6f, 0);
        }
        Rope rope = variant % 12 < 3 ? null : new Rope(table(s[3]), s[3], variant % 12 >= 9);
        Tensor scale = variant >= 12 ? constant(50, 1, scales()) : null;
        float clamp = variant % 2 == 0 ? 0.5f : 0;
        check(
            new Attention(
                null, null, s[0], s[1], s[2], 1, 0, 0, null, qNorm, kNorm, whole, after, clamp,
                rope, scale));
      }
    }
  }

  private static float[] scales() {
    float[] scales = new float[50];
    for (int p = 0; p < 50; p++) {
      scales[p] = 1 + p * 0.03f;
    }
    return scales;
  }

  /** cos and sin of 50 positions, times an attention factor. */
  private Tensor table(int rotaryDim) {
    float[] values = new float[50 * rotaryDim];
    for (int p = 0; p < 50; p++) {
      for (int i = 0; i < rotaryDim / 2; i++) {
        double angle = p / Math.pow(10000, 2.0 * i / rotaryDim);
        values[p * rotaryDim + i] = (float) (1.1 * Math.cos(angle));
        values[p * rotaryDim + rotaryDim / 2 + i] = (float) (1.1 * Math.sin(angle));
      }
    }
    return constant(50, rotaryDim, values);
  }

  private void check(Attention attention) {
    int[] positions = {0, 49, 13};
    int cols = attention.qkvCols();
    Batch batch = batch(3);
    System.arraycopy(positions, 0, batch.positions, 0, 3);
    backend().upload(batch);
    Tensor qkv = random(3, cols, 5);
    float[] in = backend().download(qkv);
    double[] expected = new double[3 * cols];
    for (int t = 0; t < 3; t++) {
      reference(attention, slice(in, t * cols, cols), positions[t], expected, t * cols);
    }
    ops().qkNormRope(qkv, attention, batch);
    assertClose(expected, qkv, 1e-5);

    Batch single = batch(1);
    single.positions[0] = 13;
    backend().upload(single);
    Tensor alone = tensor(1, cols, slice(in, 2 * cols, cols));
    ops().qkNormRope(alone, attention, single);
    assertSame(
        slice(backend().download(qkv), 2 * cols, cols), backend().download(alone), "one row alone");
  }

  private void reference(Attention a, float[] row, int position, double[] out, int at) {
    int dim = a.headDim();
    for (int i = 0; i < row.length; i++) {
      if (a.clampQkv() > 0) {
        row[i] = Math.clamp(row[i], -a.clampQkv(), a.clampQkv());
      }
    }
    double[] values = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      values[i] = row[i];
    }
    if (!a.normAfterRope()) {
      referenceNorms(a, row, values);
    }
    if (a.rope() != null) {
      int rotary = a.rope().rotaryDim();
      for (int head = 0; head < a.heads() + a.kvHeads(); head++) {
        for (int i = 0; i < rotary / 2; i++) {
          double angle = position / Math.pow(10000, 2.0 * i / rotary);
          int first = head * dim + (a.rope().interleaved() ? 2 * i : i);
          int second = a.rope().interleaved() ? first + 1 : first + rotary / 2;
          double x = values[first];
          double y = values[second];
          values[first] = 1.1 * (x * Math.cos(angle) - y * Math.sin(angle));
          values[second] = 1.1 * (y * Math.cos(angle) + x * Math.sin(angle));
        }
      }
    }
    if (a.normAfterRope()) {
      float[] rotated = new float[row.length];
      for (int i = 0; i < row.length; i++) {
        rotated[i] = (float) values[i];
      }
      referenceNorms(a, rotated, values);
    }
    for (int i = 0; a.queryScale() != null && i < a.heads() * dim; i++) {
      values[i] *= scales()[position];
    }
    System.arraycopy(values, 0, out, at, values.length);
  }

  private void referenceNorms(Attention a, float[] row, double[] values) {
    int dim = a.headDim();
    int queries = a.heads() * dim;
    if (a.wholeNorm()) {
      referenceNorm(row, 0, queries, a.qNorm(), values);
      referenceNorm(row, queries, a.kvHeads() * dim, a.kNorm(), values);
    } else if (a.qNorm() != null) {
      for (int head = 0; head < a.heads() + a.kvHeads(); head++) {
        int index = head < a.heads() ? head : head - a.heads();
        Norm norm = ownPart(head < a.heads() ? a.qNorm() : a.kNorm(), index, dim);
        referenceNorm(row, head * dim, dim, norm, values);
      }
    }
  }

  /** The norm with the weights of one head alone. */
  private Norm ownPart(Norm norm, int head, int dim) {
    if (norm.weight().cols() == dim) {
      return norm;
    }
    float[] part = slice(backend().download(norm.weight()), head * dim, dim);
    return new Norm(norm.kind(), tensor(1, dim, part), null, norm.eps(), norm.weightOffset());
  }
}
