package dev.quern.check;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Tensor;

/**
 * Sequences with a history in a paged cache whose blocks lie in no order, and then a step on top of
 * it.
 */
final class Paged {
  private static final int BLOCK = 16;

  private final Side side;
  private final int[] histories;
  private final int[] fresh;
  private final BatchLimits limits;
  private final int[][] tables;
  final KvCache kv;
  final Attention attention;

  /**
   * @param histories tokens of each sequence that are in the cache before
   * @param fresh tokens of each sequence in the step
   */
  Paged(Side side, Attention attention, int[] histories, int[] fresh) {
    this.side = side;
    this.attention = attention;
    this.histories = histories;
    this.fresh = fresh;
    int tokens = 0;
    int longest = 0;
    int blocks = 0;
    for (int i = 0; i < fresh.length; i++) {
      tokens += Math.max(histories[i], fresh[i]);
      int used = Math.ceilDiv(histories[i] + fresh[i], BLOCK);
      longest = Math.max(longest, used);
      blocks += used;
    }
    limits = new BatchLimits(tokens + 1, fresh.length, longest, 0);
    tables = new int[fresh.length][];
    int next = 0;
    int[] order = new int[blocks];
    for (int i = 0; i < blocks; i++) {
      int at = side.values.below(i + 1);
      order[i] = order[at];
      order[at] = i;
    }
    for (int i = 0; i < fresh.length; i++) {
      tables[i] = new int[Math.ceilDiv(histories[i] + fresh[i], BLOCK)];
      for (int b = 0; b < tables[i].length; b++) {
        tables[i][b] = order[next++];
      }
    }
    kv =
        side.backend.kvCache(
            new KvLayout(
                2, attention.kvHeads(), attention.headDim(), BLOCK, side.backend.activationType()),
            blocks);
  }

  /** Shapes and constants only; the projections are not used. */
  static Attention shape(
      Side side, int heads, int kvHeads, int dim, int window, float softcap, boolean alibi) {
    float[] slopes = new float[heads];
    for (int h = 0; h < heads; h++) {
      slopes[h] = (float) Math.pow(2, -8.0 * (h + 1) / heads);
    }
    Tensor bias = alibi ? side.backend.constant("slopes", 1, heads, slopes) : null;
    return new Attention(
        null,
        null,
        heads,
        kvHeads,
        dim,
        (float) (1 / Math.sqrt(dim)),
        window,
        softcap,
        bias,
        null,
        null,
        false,
        false,
        0,
        null,
        null);
  }

  /** Stores the histories, then the step's rows, and runs attention on these. */
  void run(int layer) {
    step(layer, new int[histories.length], histories, false, false);
    step(layer, histories, fresh, false, true);
  }

  /** The same with norm and rotation before keys and values are stored. */
  void runRotated(int layer) {
    step(layer, new int[histories.length], histories, true, false);
    step(layer, histories, fresh, true, true);
  }

  private void step(int layer, int[] starts, int[] counts, boolean rotate, boolean attend) {
    int rows = 0;
    for (int count : counts) {
      rows += count;
    }
    if (rows == 0) {
      return;
    }
    Batch batch = batch(starts, counts, rows);
    Tensor qkv = side.input(rows, attention.qkvCols());
    if (rotate) {
      side.ops.rotateAndStore(qkv, kv, layer, attention, batch);
    } else {
      side.ops.storeKv(kv, layer, qkv, attention, batch);
    }
    if (attend) {
      Tensor out = side.output(rows, attention.heads() * attention.headDim());
      side.ops.attention(out, qkv, kv, layer, attention, batch);
    }
  }

  private Batch batch(int[] starts, int[] counts, int rows) {
    Batch batch = side.backend.batch(limits);
    int s = 0;
    int row = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] == 0) {
        continue;
      }
      batch.seqStarts[s] = row;
      for (int j = 0; j < counts[i]; j++, row++) {
        int position = starts[i] + j;
        batch.positions[row] = position;
        batch.feedRows[row] = -1;
        batch.slots[row] = tables[i][position / BLOCK] * BLOCK + position % BLOCK;
      }
      batch.kvLengths[s] = starts[i] + counts[i];
      System.arraycopy(
          tables[i],
          0,
          batch.blockTables,
          s * limits.maxBlocks(),
          Math.ceilDiv(batch.kvLengths[s], BLOCK));
      s++;
    }
    batch.seqStarts[s] = row;
    batch.tokens = rows;
    batch.sequences = s;
    side.backend.upload(batch);
    return batch;
  }
}
