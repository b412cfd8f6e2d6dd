package dev.quern.backend.cpu;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import java.util.Arrays;

/**
 * Attention of a tile of queries that share keys: some rows of one sequence times some query heads
 * of one KV head. The definition, down to the order of operations, is that of {@link
 * ScalarAttention}: blocks of 32 positions, an online softmax, chains over D and over positions.
 *
 * <p>Both products use the matrix kernels. Scores: the tile's queries are the rows, the keys of a
 * block's 32 positions the outputs. Values: the weights of a block are the rows, 32 dimensions of
 * its values the outputs; what lies past the last dimension is computed from whatever follows and
 * dropped. Positions that a query must not see are left out of its chains rather than weighted 0,
 * for what lies in an unused slot may be NaN.
 */
final class VectorAttention {
  private static final int BLOCK = ScalarAttention.BLOCK;

  /** The most queries of a tile. */
  static final int TILE = VectorLinear.TILE_ROWS;

  private final CpuTensor y;
  private final CpuTensor x;
  private final CpuKvCache kv;
  private final int layer;
  private final Attention attention;
  private final Batch batch;
  private final AttentionScratch s;
  private final int dim;
  private final int blockTokens;

  // The tile at hand.
  private int sequence;
  private int row;
  private int head;
  private int heads;
  private int count;
  private int height;
  private int kvHead;

  VectorAttention(
      CpuTensor y,
      CpuTensor x,
      CpuKvCache kv,
      int layer,
      Attention attention,
      Batch batch,
      AttentionScratch scratch) {
    this.y = y;
    this.x = x;
    this.kv = kv;
    this.layer = layer;
    this.attention = attention;
    this.batch = batch;
    s = scratch;
    dim = attention.headDim();
    blockTokens = kv.layout().blockTokens();
  }

  /** Whether the kernels can read a cache of this layout. */
  static boolean reads(CpuKvCache kv) {
    int tokens = kv.layout().blockTokens();
    return kv.layout().dtype() == dev.quern.backend.DType.F32
        && (tokens == BLOCK / 2 || tokens % BLOCK == 0);
  }

  /** Rows {@code row … row+rows-1} of one sequence, heads {@code head … head+heads-1}. */
  void run(int sequence, int row, int rows, int head, int heads) {
    this.sequence = sequence;
    this.row = row;
    this.head = head;
    this.heads = heads;
    count = rows * heads;
    height = ActivationTiles.height(count, TILE);
    kvHead = head / (attention.heads() / attention.kvHeads());
    loadQueries();
    Arrays.fill(s.sums, 0);
    Arrays.fill(s.weightSums, 0);
    Arrays.fill(s.weights, 0);
    Arrays.fill(s.max, Float.NEGATIVE_INFINITY);
    int end = batch.positions[row + rows - 1];
    int start = ScalarAttention.firstSeen(attention, batch.positions[row]) / BLOCK * BLOCK;
    for (; start <= end; start += BLOCK) {
      scores(start, end);
      boolean all = ranges(start);
      Softmax.scale(s.scores, count, attention.scale(), attention.softcap());
      if (attention.alibiSlopes() != null) {
        addDistances(start);
      }
      if (!all) {
        hideUnseen();
      }
      Softmax.weigh(s, count, height, dim);
      addValues(start, all);
    }
    storeOutputs();
  }

  private void loadQueries() {
    for (int q = 0; q < height; q++) {
      int source = Math.min(q, count - 1);
      long at = x.address() + (x.row(row + source / heads) - x.offset()) * Float.BYTES;
      at += (head + source % heads) * dim * 4L;
      for (int d = 0; d < dim; d++) {
        s.queries[d * height + q] = Lanes.get(at + d * 4L);
      }
    }
  }

  private void scores(int start, int end) {
    Arrays.fill(s.scores, 0, height * BLOCK, 0);
    long low = address(kv.keys(block(start), layer, kvHead) + start % blockTokens);
    if (blockTokens == BLOCK / 2) {
      int next = start + BLOCK / 2;
      long high = next <= end ? address(kv.keys(block(next), layer, kvHead)) : low;
      keyProduct(low, high - low);
    } else {
      product(height, low, blockTokens * Float.BYTES, dim, s.queries, 0, s.scores, 0);
    }
  }

  /** Which of the block's positions each query sees; true where all see all. */
  private boolean ranges(int start) {
    boolean all = true;
    for (int q = 0; q < count; q++) {
      int position = batch.positions[row + q / heads];
      s.first[q] = Math.max(ScalarAttention.firstSeen(attention, position) - start, 0);
      s.last[q] = Math.min(position - start, BLOCK - 1);
      all &= s.first[q] == 0 && s.last[q] == BLOCK - 1;
    }
    return all;
  }

  private void addDistances(int start) {
    CpuTensor slopes = (CpuTensor) attention.alibiSlopes();
    for (int q = 0; q < count; q++) {
      float slope = slopes.get(0, head + q % heads);
      int distance = start - batch.positions[row + q / heads];
      for (int i = 0; i < BLOCK; i++) {
        int at = q * BLOCK + i;
        s.scores[at] = Math.fma(slope, distance + i, s.scores[at]);
      }
    }
  }

  private void hideUnseen() {
    for (int q = 0; q < count; q++) {
      for (int i = 0; i < BLOCK; i++) {
        if (i < s.first[q] || i > s.last[q]) {
          s.scores[q * BLOCK + i] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /** Adds the block's weighted values: for all queries at once as far as they see the same. */
  private void addValues(int start, boolean all) {
    int common = BLOCK - 1;
    boolean together = true;
    for (int q = 0; q < count && !all; q++) {
      together &= s.first[q] == s.first[0] && s.first[q] <= s.last[q];
      common = Math.min(common, s.last[q]);
    }
    int from = all ? 0 : s.first[0];
    if (together) {
      addValues(start, from, common, -1);
    }
    for (int q = 0; q < count && !all; q++) {
      addValues(start, together ? common + 1 : s.first[q], s.last[q], q);
    }
  }

  /** Adds positions {@code from … to} of the block, of one query or of all (-1). */
  private void addValues(int start, int from, int to, int query) {
    for (int i = from; i <= to; ) {
      int place = (start + i) % blockTokens;
      int positions = Math.min(to - i + 1, blockTokens - place);
      long values = kv.values(block(start + i), layer, kvHead) + (long) place * dim;
      for (int d = 0; d < dim; d += 32) {
        long at = address(values + d);
        if (query < 0) {
          product(height, at, dim * 4, positions, s.weights, i * height, s.sums, d * height);
        } else {
          int target = d * height + query * 32;
          product(1, at, dim * 4, positions, s.scores, query * BLOCK + i, s.sums, target);
        }
      }
      i += positions;
    }
  }

  private void storeOutputs() {
    for (int q = 0; q < count; q++) {
      long out = y.address() + (y.row(row + q / heads) - y.offset()) * Float.BYTES;
      out += (head + q % heads) * dim * 4L;
      Softmax.divide(s, q, height, dim, out);
    }
  }

  private static void product(
      int height, long w, int step, int cols, float[] x, int from, float[] out, int at) {
    switch (height) {
      case 8 -> F32Kernels.rows8(w, step, cols, x, from, out, at);
      case 4 -> F32Kernels.rows4(w, step, cols, x, from, out, at);
      case 2 -> F32Kernels.rows2(w, step, cols, x, from, out, at);
      default -> F32Kernels.rows1(w, step, cols, x, from, out, at);
    }
  }

  private void keyProduct(long low, long high) {
    switch (height) {
      case 8 -> KeyKernels.rows8(low, high, dim, s.queries, 0, s.scores, 0);
      case 4 -> KeyKernels.rows4(low, high, dim, s.queries, 0, s.scores, 0);
      case 2 -> KeyKernels.rows2(low, high, dim, s.queries, 0, s.scores, 0);
      default -> KeyKernels.rows1(low, high, dim, s.queries, 0, s.scores, 0);
    }
  }

  private long address(long element) {
    return kv.address() + element * Float.BYTES;
  }

  private int block(int position) {
    return batch.blockTables[sequence * batch.limits.maxBlocks() + position / blockTokens];
  }
}
