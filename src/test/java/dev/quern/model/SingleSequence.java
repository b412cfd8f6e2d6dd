package dev.quern.model;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.KvCache;
import dev.quern.backend.Tensor;

/** Runs one sequence on a bound model, step by step, with its KV blocks in reverse order. */
final class SingleSequence implements AutoCloseable {
  private static final int BLOCK_TOKENS = 16;

  private final Backend backend;
  private final DecoderModel model;
  private final KvCache kv;
  private final Batch batch;
  private final int blocks;
  private int length;

  SingleSequence(ModelSpec spec, BoundWeights weights, Backend backend, int tokens) {
    this.backend = backend;
    blocks = (tokens + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
    BatchLimits limits = new BatchLimits(tokens, 1, blocks, 5);
    model = DecoderModel.bind(spec, weights, backend, limits);
    kv =
        backend.kvCache(MemoryNeeds.kvLayout(spec, BLOCK_TOKENS, backend.activationType()), blocks);
    batch = backend.batch(limits);
  }

  /** Feeds tokens and gives the next one, greedy. */
  int feed(int... tokens) {
    step(tokens, true);
    return batch.sampling.nextTokens[0];
  }

  /** Feeds tokens; gives the logits of the last. */
  float[] logits(int... tokens) {
    return step(tokens, false);
  }

  /** What the step left in the batch. */
  Batch batch() {
    return batch;
  }

  private float[] step(int[] tokens, boolean sample) {
    batch.tokens = tokens.length;
    batch.sequences = 1;
    for (int i = 0; i < tokens.length; i++) {
      int position = length + i;
      batch.tokenIds[i] = tokens[i];
      batch.feedRows[i] = -1;
      batch.positions[i] = position;
      int block = blocks - 1 - position / BLOCK_TOKENS;
      batch.slots[i] = block * BLOCK_TOKENS + position % BLOCK_TOKENS;
    }
    length += tokens.length;
    for (int i = 0; i < blocks; i++) {
      batch.blockTables[i] = blocks - 1 - i;
    }
    batch.seqStarts[0] = 0;
    batch.seqStarts[1] = tokens.length;
    batch.kvLengths[0] = length;
    batch.sampledRows = 1;
    batch.logits = Math.max(batch.logits, 1);
    batch.logitRows[0] = tokens.length - 1;
    batch.sampling.repetitionPenalty[0] = 1;
    batch.sampling.topP[0] = 1;
    batch.sampling.logprobs[0] = -1;
    batch.sampling.targets[0] = -1;
    backend.upload(batch);
    model.forward(batch, kv, tokens.length);
    Tensor logits = model.logits(batch, 1);
    float[] values = sample ? null : backend.download(logits);
    if (sample) {
      model.sample(batch, logits);
      backend.await(batch);
    }
    return values;
  }

  @Override
  public void close() {
    kv.close();
  }
}
