package dev.quern.backend;

import static dev.quern.backend.OpsFixture.uniform;

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
        Tensor alibi = variant == 3 ? constant(1, shape[0], uniform(shape[0], 1, 0.5f)) : null;
        int window = variant == 1 ? 7 : variant == 4 ? 33 : 0;
        float softcap = variant == 2 ? 2.5f : 0;
        Attention attention = attention(shape, window, softcap, alibi);
        PagedRun whole = new PagedRun(this, attention, lengths, rows, 16, 1);
        assertClose(reference(attention, lengths, rows), whole.run(ALL), 1e-5);
      }
    }
  }

  @Test
  default void chunksTablesBatchesAndBlockSizesDoNotMatter() {
    int[] lengths = {70, 33, 1, 16};
    for (int[] shape : SHAPES) {
      for (int window : new int[] {0, 20}) {
        Attention attention = attention(shape, window, 0, null);
        float[][] rows = rows(lengths, shape);
        float[] whole = new PagedRun(this, attention, lengths, rows, 16, 1).run(ALL);
        for (int chunk : new int[] {1, 5, 16, 40}) {
          float[] chunked = new PagedRun(this, attention, lengths, rows, 16, 1).run(chunk);
          assertAlike(whole, chunked, "chunks of " + chunk);
        }
        assertAlike(
            whole, new PagedRun(this, attention, lengths, rows, 16, 2).run(ALL), "other blocks");
        for (int size : blockSizes()) {
          if (size % 16 != 0) {
            continue; // may be summed in other pieces
          }
          float[] sized = new PagedRun(this, attention, lengths, rows, size, 1).run(9);
          assertAlike(whole, sized, "blocks of " + size);
        }
        int at = 0;
        for (int s = 0; s < lengths.length; s++) {
          int[] one = {lengths[s]};
          float[][] own = {rows[s]};
          float[] alone = new PagedRun(this, attention, one, own, 16, 3).run(ALL);
          assertAlike(OpsFixture.slice(whole, at, alone.length), alone, "sequence " + s + " alone");
          at += alone.length;
        }
      }
    }
  }

  @Test
  default void blockSizesAndStoredTypesAreRight() {
    int[] lengths = {23, 9};
    int[] shape = {4, 2, 32};
    float[][] rows = rows(lengths, shape);
    Attention attention = attention(shape, 0, 0, null);
    double[] expected = reference(attention, lengths, rows);
    for (int size : blockSizes()) {
      for (DType dtype : heldTypes()) {
        float[] out = new PagedRun(this, attention, lengths, rows, size, 1, dtype).run(4);
        assertClose(expected, out, dtype == DType.F32 ? 1e-5 : dtype == DType.F16 ? 1e-3 : 1e-2);
      }
    }
  }

  @Test
  default void paddedRowsAreSkipped() {
    int[] shape = {4, 2, 64};
    Attention attention = attention(shape, 0, 0, null);
    int cols = attention.qkvCols();
    KvLayout layout = new KvLayout(2, 2, 64, 16, backend().activationType());
    try (KvCache kv = backend().kvCache(layout, 4)) {
      // Three sequences of one token, and a row more.
      Batch batch = backend().batch(new BatchLimits(4, 4, 4, 0));
      batch.tokens = 3;
      batch.sequences = 3;
      for (int s = 0; s < 3; s++) {
        batch.seqStarts[s + 1] = s + 1;
        batch.kvLengths[s] = 1;
        batch.blockTables[s * 4] = s + 1;
        batch.slots[s] = (s + 1) * 16;
      }
      batch.slots[3] = -1;
      backend().upload(batch);
      float[] values = values(4 * cols, 1, 1);
      Arrays.fill(values, 3 * cols, values.length, Float.NaN);
      Tensor qkv = tensor(4, cols, values);
      ops().storeKv(kv, 1, qkv, attention, batch);
      Tensor out = poisoned(4, 4 * 64);
      ops().attention(out, qkv, kv, 1, attention, batch);
      // Of one key the value, of none nothing.
      double[] expected = new double[4 * 256];
      for (int i = 0; i < 3 * 256; i++) {
        expected[i] = values[i / 256 * cols + (6 + i % 256 / 128) * 64 + i % 64];
      }
      assertClose(expected, out, 1e-6);
    }
  }

  private float[][] rows(int[] lengths, int[] shape) {
    float[][] rows = new float[lengths.length][];
    for (int s = 0; s < lengths.length; s++) {
      rows[s] = values(lengths[s] * (shape[0] + 2 * shape[1]) * shape[2], s + 10, 2);
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
