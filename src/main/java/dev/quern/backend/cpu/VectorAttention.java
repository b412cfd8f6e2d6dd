package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.INTS;
import static dev.quern.backend.cpu.Lanes.LANES;

import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Attention of a tile of queries that share keys: some rows of one sequence times some query heads
 * of one KV head. The definition, down to the order of operations, is that of {@link
 * ScalarAttention}: blocks of 16 positions, an online softmax, chains over D and over positions.
 *
 * <p>Both products use the matrix kernels. Scores: the tile's queries are the rows, the keys [D,
 * 16] of two blocks the 32 outputs. Values: the weights of a block are the rows, 32 dimensions of
 * its values the outputs; what lies past the last dimension is computed from whatever follows and
 * dropped. Positions that a query must not see are left out of its chains rather than weighted 0,
 * for what lies in an unused slot may be NaN.
 */
final class VectorAttention {
  private static final int BLOCK = ScalarAttention.BLOCK;
  private static final int PAIR = 2 * BLOCK;

  /** The most queries of a tile. */
  static final int TILE = VectorLinear.TILE_ROWS;

  private final CpuTensor y;
  private final CpuTensor x;
  private final CpuKvCache kv;
  private final int layer;
  private final Attention attention;
  private final Batch batch;
  private final int dim;
  private final int blockTokens;
  private final int keyStep;

  // State of a tile, Q queries: [D,height], [height,32], [16,height], [D/32,height,32], [Q,16].
  private final float[] queries;
  private final float[] scores = new float[TILE * PAIR];
  private final float[] weights = new float[BLOCK * TILE];
  private final float[] sums;
  private final float[] weightSums = new float[TILE * BLOCK];
  private final float[] max = new float[TILE];
  private final float[] lane = new float[LANES];
  private final int[] from = new int[TILE];
  private final int[] to = new int[TILE];

  VectorAttention(
      CpuTensor y, CpuTensor x, CpuKvCache kv, int layer, Attention attention, Batch batch) {
    this.y = y;
    this.x = x;
    this.kv = kv;
    this.layer = layer;
    this.attention = attention;
    this.batch = batch;
    dim = attention.headDim();
    blockTokens = kv.layout().blockTokens();
    keyStep = blockTokens * Float.BYTES;
    queries = new float[dim * TILE];
    sums = new float[Math.ceilDiv(dim, 32) * TILE * 32];
  }

  /** Rows {@code row … row+rows-1} of one sequence, heads {@code head … head+heads-1}. */
  void run(int sequence, int row, int rows, int head, int heads) {
    int count = rows * heads;
    int height = VectorLinear.tileRows(count);
    int kvHead = head / (attention.heads() / attention.kvHeads());
    loadQueries(row, head, heads, count, height);
    Arrays.fill(sums, 0);
    Arrays.fill(weightSums, 0);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    int last = batch.positions[row + rows - 1];
    int start = ScalarAttention.firstSeen(attention, batch.positions[row]) / BLOCK * BLOCK;
    for (; start <= last; start += PAIR) {
      long low = key(sequence, start, kvHead);
      boolean both = start + BLOCK <= last;
      long high = both ? key(sequence, start + BLOCK, kvHead) : low;
      Arrays.fill(scores, 0, height * PAIR, 0);
      product(height, low, keyStep, high - low, dim, queries, 0, scores, 0);
      block(sequence, row, head, heads, count, height, kvHead, start, 0);
      if (both) {
        block(sequence, row, head, heads, count, height, kvHead, start + BLOCK, BLOCK);
      }
    }
    storeSums(row, head, heads, count, height);
  }

  private void loadQueries(int row, int head, int heads, int count, int height) {
    for (int q = 0; q < height; q++) {
      int source = Math.min(q, count - 1);
      long at = x.address() + (x.cols() * (long) (row + source / heads)) * 4;
      at += (head + source % heads) * dim * 4L;
      for (int d = 0; d < dim; d++) {
        queries[d * height + q] = Lanes.get(at + d * 4L);
      }
    }
  }

  /** Softmax and values of the 16 positions from {@code start} on. */
  private void block(
      int sequence,
      int row,
      int head,
      int heads,
      int count,
      int height,
      int kvHead,
      int start,
      int scoresAt) {
    boolean same = true;
    for (int q = 0; q < count; q++) {
      int position = batch.positions[row + q / heads];
      from[q] = Math.max(ScalarAttention.firstSeen(attention, position), start) - start;
      to[q] = Math.min(position, start + BLOCK - 1) - start;
      same &= from[q] == from[0] && to[q] == to[0];
      if (from[q] <= to[q]) {
        softmax(q, head + q % heads, height, position, start, scoresAt);
      }
    }
    long values = address(kv.values(block(sequence, start), layer, kvHead));
    values += (long) (start % blockTokens) * dim * 4;
    if (same) {
      for (int q = count; q < height; q++) {
        for (int i = 0; i < BLOCK; i++) {
          weights[i * height + q] = 0;
        }
      }
      weigh(height, values, from[0], to[0], weights, from[0] * height, 0, height);
      return;
    }
    for (int q = 0; q < count; q++) {
      if (from[q] <= to[q]) {
        for (int i = 0; i < BLOCK; i++) {
          lane16[i] = weights[i * height + q];
        }
        weigh(1, values, from[q], to[q], lane16, from[q], q, height);
      }
    }
  }

  private final float[] lane16 = new float[BLOCK];

  /** sums += weights · values over the positions {@code first … end} of a block. */
  private void weigh(
      int rows, long values, int first, int end, float[] w, int at, int query, int height) {
    for (int d = 0; d < dim; d += 32) {
      long start = values + ((long) first * dim + d) * 4;
      int target = (d * height) + query * 32;
      product(rows, start, dim * 4, 64, end - first + 1, w, at, sums, target);
    }
  }

  /** Scores to weights of one query in one block; rescales what it has summed so far. */
  private void softmax(int q, int head, int height, int position, int start, int scoresAt) {
    int at = q * PAIR + scoresAt;
    float blockMax = max[q];
    for (int i = 0; i < BLOCK; i += LANES) {
      FloatVector score = score(at + i, head, position, start + i);
      VectorMask<Float> seen = seen(i, from[q], to[q]);
      score = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY).blend(score, seen);
      score.intoArray(scores, at + i);
      blockMax = Math.max(blockMax, score.reduceLanes(VectorOperators.MAX));
    }
    FloatVector shrink = VectorMath.exp(FloatVector.broadcast(FLOATS, max[q] - blockMax));
    max[q] = blockMax;
    for (int i = 0; i < BLOCK; i += LANES) {
      FloatVector weight =
          VectorMath.exp(FloatVector.fromArray(FLOATS, scores, at + i).sub(blockMax));
      FloatVector sum = FloatVector.fromArray(FLOATS, weightSums, q * BLOCK + i);
      sum.mul(shrink).add(weight).intoArray(weightSums, q * BLOCK + i);
      weight.intoArray(lane, 0);
      for (int j = 0; j < LANES; j++) {
        weights[(i + j) * height + q] = lane[j];
      }
    }
    for (int d = 0; d < dim; d += 32) {
      for (int i = 0; i < 32; i += LANES) {
        int place = (d * height) + q * 32 + i;
        FloatVector.fromArray(FLOATS, sums, place).mul(shrink).intoArray(sums, place);
      }
    }
  }

  private FloatVector score(int at, int head, int position, int keyPosition) {
    FloatVector score = FloatVector.fromArray(FLOATS, scores, at).mul(attention.scale());
    if (attention.softcap() > 0) {
      float cap = attention.softcap();
      score = VectorMath.tanh(score.div(cap)).mul(cap);
    }
    if (attention.alibiSlopes() != null) {
      float slope = ((CpuTensor) attention.alibiSlopes()).get(0, head);
      IntVector distance = IntVector.zero(INTS).addIndex(1).add(keyPosition - position);
      FloatVector floats = (FloatVector) distance.convert(VectorOperators.I2F, 0);
      score = floats.fma(FloatVector.broadcast(FLOATS, slope), score);
    }
    return score;
  }

  /** Lanes {@code i …} that lie in {@code first … last}. */
  private static VectorMask<Float> seen(int i, int first, int last) {
    IntVector place = IntVector.zero(INTS).addIndex(1).add(i);
    return place
        .compare(VectorOperators.GE, first)
        .and(place.compare(VectorOperators.LE, last))
        .cast(FLOATS);
  }

  private void storeSums(int row, int head, int heads, int count, int height) {
    for (int q = 0; q < count; q++) {
      float total = 0;
      for (int i = 0; i < BLOCK; i++) {
        total += weightSums[q * BLOCK + i];
      }
      long out = y.address() + ((long) (row + q / heads) * y.cols() + (head + q % heads) * dim) * 4;
      for (int d = 0; d < dim; d += LANES) {
        int place = (d / 32 * 32 * height) + q * 32 + d % 32;
        FloatVector value = FloatVector.fromArray(FLOATS, sums, place).div(total);
        Lanes.store(value, out + d * 4L, dim - d);
      }
    }
  }

  private static void product(
      int height, long w, int step, long high, int cols, float[] x, int from, float[] out, int at) {
    switch (height) {
      case 8 -> F32Kernels.rows8(w, step, high, cols, x, from, out, at);
      case 4 -> F32Kernels.rows4(w, step, high, cols, x, from, out, at);
      case 2 -> F32Kernels.rows2(w, step, high, cols, x, from, out, at);
      default -> F32Kernels.rows1(w, step, high, cols, x, from, out, at);
    }
  }

  private long key(int sequence, int position, int kvHead) {
    long element = kv.keys(block(sequence, position), layer, kvHead);
    return address(element + position % blockTokens);
  }

  private long address(long element) {
    return kv.address() + element * 4;
  }

  private int block(int sequence, int position) {
    return batch.blockTables[sequence * batch.limits.maxBlocks() + position / blockTokens];
  }
}
