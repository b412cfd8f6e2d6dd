package dev.quern.engine;

import dev.quern.backend.Batch;
import dev.quern.backend.Tensor;

/**
 * A model whose logits hash the whole content of the sequence's KV cache, read through the block
 * table: any wrong slot, position, table, length or id gives other tokens.
 */
final class FakeModel implements ForwardModel {
  private final FakeDevice device;
  private final int vocabularySize;
  private final int blockTokens;

  /** For each slot a hash of the id and position stored there. */
  private final long[] kv;

  /** [T] hash of all that each row saw. */
  private long[] seen = new long[0];

  private final FakeTensor sampledLogits;

  /** Steps until the device breaks; negative for never. */
  int stepsLeft = -1;

  FakeModel(FakeDevice device, int vocabularySize, int blockTokens, int blocks, int maxSequences) {
    this.device = device;
    this.vocabularySize = vocabularySize;
    this.blockTokens = blockTokens;
    kv = new long[blocks * blockTokens];
    sampledLogits = new FakeTensor(new float[maxSequences][]);
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public void forward(Batch batch, int rows) {
    device.op(() -> forwardNow(device.copy(batch), rows));
  }

  private void forwardNow(Batch batch, int rows) {
    if (stepsLeft == 0) throw new IllegalStateException("the device broke");
    if (stepsLeft > 0) stepsLeft--;
    for (int t = 0; t < rows; t++) {
      if (t >= batch.tokens && batch.slots[t] != -1) throw new AssertionError("padding stores");
      if (batch.slots[t] >= 0) kv[batch.slots[t]] = entry(batch.tokenIds[t], batch.positions[t]);
    }
    seen = new long[rows];
    for (int s = 0; s < batch.sequences; s++) {
      int table = s * batch.limits.maxBlocks();
      int end = batch.seqStarts[s + 1];
      if (batch.kvLengths[s] != batch.positions[end - 1] + 1) throw new AssertionError("kv length");
      for (int t = batch.seqStarts[s]; t < end; t++) {
        long hash = 1;
        for (int p = 0; p <= batch.positions[t]; p++) {
          int block = batch.blockTables[table + p / blockTokens];
          hash = fold(hash, kv[block * blockTokens + p % blockTokens]);
        }
        seen[t] = hash;
      }
    }
    int prompts = batch.logits - batch.sampledRows;
    float[][] logits = new float[prompts][];
    for (int i = 0; i < prompts; i++)
      logits[i] = logits(seen[batch.logitRows[batch.sampledRows + i]], vocabularySize);
    if (prompts > 0)
      ((FakeOps) device.ops()).noteLogprobs(logits, batch, batch.sampledRows, prompts);
  }

  @Override
  public Tensor logits(Batch batch, int rows) {
    device.op(
        () -> {
          Batch copy = device.copy(batch);
          for (int row = 0; row < copy.sampledRows; row++)
            sampledLogits.values()[row] = logits(seen[copy.logitRows[row]], vocabularySize);
        });
    return sampledLogits;
  }

  /** The logits after {@code ids[0, count)}: what the engine must come to. */
  static float[] logitsAfter(int[] ids, int count, int vocabularySize) {
    long hash = 1;
    for (int p = 0; p < count; p++) hash = fold(hash, entry(ids[p], p));
    return logits(hash, vocabularySize);
  }

  private static long entry(int id, int position) {
    return FakeSampler.mix(id * 0x9E3779B97F4A7C15L + position + 1);
  }

  private static long fold(long hash, long entry) {
    return FakeSampler.mix(hash * 31 + entry);
  }

  private static float[] logits(long hash, int vocabularySize) {
    float[] logits = new float[vocabularySize];
    for (int v = 0; v < vocabularySize; v++)
      logits[v] = (FakeSampler.mix(hash + 77 * v) >>> 44) * 0x1p-17f - 4;
    return logits;
  }
}
