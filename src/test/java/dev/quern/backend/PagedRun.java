package dev.quern.backend;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Feeds several sequences through storeKv and attention, some tokens of each a step, over shuffled
 * blocks that held NaN before.
 */
final class PagedRun {
  private static final int LAYERS = 2;
  private static final int LAYER = 1;

  private final OpsFixture fixture;
  private final Attention attention;
  private final int[] lengths;
  private final float[][] rows;
  private final KvLayout layout;
  private final int[][] tables;
  private final int blocks;

  PagedRun(
      OpsFixture fixture,
      Attention attention,
      int[] lengths,
      float[][] rows,
      int blockTokens,
      long seed) {
    this(fixture, attention, lengths, rows, blockTokens, seed, fixture.backend().activationType());
  }

  /**
   * @param rows of each sequence the merged projections of its tokens
   * @param seed shuffles the blocks
   */
  PagedRun(
      OpsFixture fixture,
      Attention attention,
      int[] lengths,
      float[][] rows,
      int blockTokens,
      long seed,
      DType dtype) {
    this.fixture = fixture;
    this.attention = attention;
    this.lengths = lengths;
    this.rows = rows;
    layout = new KvLayout(LAYERS, attention.kvHeads(), attention.headDim(), blockTokens, dtype);
    tables = new int[lengths.length][];
    int needed = 1;
    for (int s = 0; s < lengths.length; s++) {
      tables[s] = new int[Math.ceilDiv(lengths[s], blockTokens)];
      needed += tables[s].length;
    }
    blocks = needed;
    shuffle(seed);
  }

  private void shuffle(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] order = new int[blocks];
    for (int i = 1; i < blocks; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    int next = 0;
    for (int[] table : tables) {
      for (int i = 0; i < table.length; i++) {
        table[i] = order[next++];
      }
    }
  }

  /** The outputs of all tokens, sequence after sequence. */
  float[] run(int chunk) {
    int width = attention.heads() * attention.headDim();
    float[] out = new float[Arrays.stream(lengths).sum() * width];
    try (KvCache kv = fixture.backend().kvCache(layout, blocks)) {
      poison(kv);
      int longest = Arrays.stream(lengths).max().orElseThrow();
      int mostTokens =
          Math.min(Arrays.stream(lengths).sum(), lengths.length * Math.min(chunk, longest));
      int mostBlocks = Math.ceilDiv(longest, layout.blockTokens());
      Batch batch =
          fixture.backend().batch(new BatchLimits(mostTokens, lengths.length, mostBlocks, 0));
      for (int from = 0; from < longest; from += chunk) {
        step(kv, batch, from, chunk, out);
      }
    }
    return out;
  }

  private void poison(KvCache kv) {
    int slots = blocks * layout.blockTokens();
    Batch batch = fixture.backend().batch(new BatchLimits(slots, 1, 1, 0));
    batch.tokens = slots;
    for (int i = 0; i < slots; i++) {
      batch.slots[i] = i;
    }
    fixture.backend().upload(batch);
    Tensor nan = fixture.poisoned(slots, attention.qkvCols());
    for (int layer = 0; layer < LAYERS; layer++) {
      fixture.ops().storeKv(kv, layer, nan, attention, batch);
    }
  }

  private void step(KvCache kv, Batch batch, int from, int chunk, float[] out) {
    int total = 0;
    for (int length : lengths) {
      total += Math.max(0, Math.min(chunk, length - from));
    }
    batch.sequences = 0;
    int width = attention.heads() * attention.headDim();
    int cols = attention.qkvCols();
    float[] values = new float[total * cols];
    int[] target = new int[total];
    int t = 0;
    int first = 0;
    for (int s = 0; s < lengths.length; first += lengths[s++]) {
      int end = Math.min(lengths[s], from + chunk);
      if (end <= from) {
        continue;
      }
      int row = batch.sequences++;
      System.arraycopy(
          tables[s], 0, batch.blockTables, row * batch.limits.maxBlocks(), tables[s].length);
      batch.kvLengths[row] = end;
      for (int p = from; p < end; p++, t++) {
        System.arraycopy(rows[s], p * cols, values, t * cols, cols);
        int block = tables[s][p / layout.blockTokens()];
        batch.positions[t] = p;
        batch.slots[t] = block * layout.blockTokens() + p % layout.blockTokens();
        target[t] = first + p;
      }
      batch.seqStarts[row + 1] = t;
    }
    batch.tokens = total;
    fixture.backend().upload(batch);
    Tensor qkv = fixture.tensor(total, cols, values);
    fixture.ops().storeKv(kv, LAYER, qkv, attention, batch);
    Tensor y = fixture.poisoned(total, width);
    fixture.ops().attention(y, qkv, kv, LAYER, attention, batch);
    float[] result = fixture.backend().download(y);
    for (int i = 0; i < total; i++) {
      System.arraycopy(result, i * width, out, target[i] * width, width);
    }
  }
}
