package dev.quern.backend;

import static dev.quern.backend.OpsFixture.assertSame;
import static dev.quern.backend.OpsFixture.assertValuesClose;
import static dev.quern.backend.OpsFixture.uniform;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Storing keys and values, and attention over them. */
interface AttentionContract extends OpsFixture {
  int ALL = 1 << 20;

  /** Query heads, KV heads, head dimension. */
  int[][] SHAPES = {
    {4, 4, 64}, {14, 2, 64}, {8, 1, 80}, {6, 2, 96}, {4, 2, 128}, {2, 1, 256}, {9, 3, 8}, {1, 1, 40}
  };

  default Attention attention(int[] shape, int window, float softcap, Tensor alibi) {
    float scale = (float) (1 / Math.sqrt(shape[2]));
    return new Attention(
        null, null, shape[0], shape[1], shape[2], scale, window, softcap, alibi, null, null, false,
        false, 0, null, null);
  }

  @Test
  default void attentionIsRight() {
    int[] lengths = {1, 17, 3, 50, 16};
    for (int[] shape : SHAPES) {
      float[][] rows = rows(lengths, shape);
      for (int variant = 0; variant < 5; variant++) {
        Tensor alibi = variant == 3 ? tensor(1, shape[0], uniform(shape[0], 1, 0.5f)) : null;
        int window = variant == 1 ? 7 : variant == 4 ? 33 : 0;
        float softcap = variant == 2 ? 2.5f : 0;
        Attention attention = attention(shape, window, softcap, alibi);
        PagedRun whole = new PagedRun(this, attention, lengths, rows, 16, 1);
        assertValuesClose(reference(attention, lengths, rows), whole.run(ALL), 1e-5);
      }
    }
  }

  @Test
  default void chunksTablesBatchesAndBlockSizesDoNotChangeABit() {
    int[] lengths = {70, 33, 1, 16};
    for (int[] shape : SHAPES) {
      for (int window : new int[] {0, 20}) {
        Attention attention = attention(shape, window, 0, null);
        float[][] rows = rows(lengths, shape);
        float[] whole = new PagedRun(this, attention, lengths, rows, 16, 1).run(ALL);
        for (int chunk : new int[] {1, 5, 16, 40}) {
          float[] chunked = new PagedRun(this, attention, lengths, rows, 16, 1).run(chunk);
          assertSame(whole, chunked, "chunks of " + chunk);
        }
        assertSame(
            whole, new PagedRun(this, attention, lengths, rows, 16, 2).run(ALL), "other blocks");
        assertSame(
            whole, new PagedRun(this, attention, lengths, rows, 64, 1).run(9), "larger blocks");
        int at = 0;
        for (int s = 0; s < lengths.length; s++) {
          int[] one = {lengths[s]};
          float[][] own = {rows[s]};
          float[] alone = new PagedRun(this, attention, one, own, 16, 3).run(ALL);
          assertSame(OpsFixture.slice(whole, at, alone.length), alone, "sequence " + s + " alone");
          at += alone.length;
        }
      }
    }
  }

  @Test
  default void oddBlockSizesAndStoredTypesAreRight() {
    int[] lengths = {23, 9};
    int[] shape = {4, 2, 32};
    float[][] rows = rows(lengths, shape);
    Attention attention = attention(shape, 0, 0, null);
    double[] expected = reference(attention, lengths, rows);
    assertValuesClose(expected, new PagedRun(this, attention, lengths, rows, 5, 1).run(4), 1e-5);
    for (DType dtype : new DType[] {DType.F16, DType.BF16}) {
      float[] out = new PagedRun(this, attention, lengths, rows, 16, 1, dtype).run(6);
      assertValuesClose(expected, out, dtype == DType.F16 ? 1e-3 : 1e-2);
    }
  }

  @Test
  default void paddedRowsAreSkipped() {
    int[] shape = {4, 2, 32};
    Attention attention = attention(shape, 0, 0, null);
    KvCache kv = backend().kvCache(new KvLayout(2, 2, 32, 16, DType.F32), 3);
    Batch batch = backend().batch(new BatchLimits(4, 4, 4, 0));
    batch.tokens = 4;
    batch.sequences = 1;
    batch.seqStarts[1] = 2;
    batch.kvLengths[0] = 2;
    batch.blockTables[0] = 1;
    System.arraycopy(new int[] {0, 1, 0, 0}, 0, batch.positions, 0, 4);
    System.arraycopy(new int[] {16, 17, -1, -1}, 0, batch.slots, 0, 4);
    backend().upload(batch);
    float[] values = uniform(4 * attention.qkvCols(), 1, 1);
    Arrays.fill(values, 2 * attention.qkvCols(), values.length, Float.NaN);
    Tensor qkv = tensor(4, attention.qkvCols(), values);
    ops().storeKv(kv, 1, qkv, attention, batch);
    Tensor out = poisoned(4, 4 * 32);
    ops().attention(out, qkv, kv, 1, attention, batch);
    float[] y = backend().download(out);
    for (int i = 0; i < 2 * 128; i++) {
      assertFalse(Float.isNaN(y[i]), "row of the sequence, element " + i);
    }
    for (int i = 2 * 128; i < y.length; i++) {
      assertEquals(0, y[i], "padded row, element " + i);
    }
    kv.close();
  }

  private static float[][] rows(int[] lengths, int[] shape) {
    float[][] rows = new float[lengths.length][];
    for (int s = 0; s < lengths.length; s++) {
      rows[s] = uniform(lengths[s] * (shape[0] + 2 * shape[1]) * shape[2], s + 10, 2);
    }
    return rows;
  }

  private double[] reference(Attention a, int[] lengths, float[][] rows) {
    int dim = a.headDim();
    int cols = a.qkvCols();
    float[] slopes = a.alibiSlopes() == null ? null : backend().download(a.alibiSlopes());
    double[] out = new double[Arrays.stream(lengths).sum() * a.heads() * dim];
    int at = 0;
    for (int s = 0; s < lengths.length; s++) {
      for (int p = 0; p < lengths[s]; p++) {
        for (int h = 0; h < a.heads(); h++, at += dim) {
          int query = p * cols + h * dim;
          int key = (a.heads() + h / (a.heads() / a.kvHeads())) * dim;
          int value = key + a.kvHeads() * dim;
          double total = 0;
          for (int j = 0; j <= p; j++) {
            if (a.window() > 0 && p - j >= a.window()) {
              continue;
            }
            double score = 0;
            for (int d = 0; d < dim; d++) {
              score += (double) rows[s][query + d] * rows[s][j * cols + key + d];
            }
            score *= a.scale();
            score = a.softcap() > 0 ? a.softcap() * Math.tanh(score / a.softcap()) : score;
            score += slopes == null ? 0 : slopes[h] * (j - p);
            double weight = Math.exp(score);
            total += weight;
            for (int d = 0; d < dim; d++) {
              out[at + d] += weight * rows[s][j * cols + value + d];
            }
          }
          for (int d = 0; d < dim; d++) {
            out[at + d] /= total;
          }
        }
      }
    }
    return out;
  }
}
