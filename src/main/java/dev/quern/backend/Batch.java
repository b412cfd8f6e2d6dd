package dev.quern.backend;

/**
 * What changes from step to step: host copies at fixed places that the engine fills, and that a
 * backend uploads as they are ({@link Backend#upload}). On a device these lie at fixed addresses
 * too, so that a captured step replays unchanged.
 *
 * <p>Tokens of one sequence are adjacent and in order; sequence s has the tokens {@code
 * seqStarts[s] … seqStarts[s+1]-1}. Padded rows have slot -1 and belong to no sequence.
 */
public final class Batch {
  public final BatchLimits limits;

  /** T: tokens of this step, without padding. */
  public int tokens;

  /** S: sequences of this step. */
  public int sequences;

  /** [T] the ids to feed; ignored where {@link #feedRows} is not -1. */
  public final int[] tokenIds;

  /**
   * [T] the sampled row of the previous step whose token is fed here, or -1: how a step starts
   * before the last one is read.
   */
  public final int[] feedRows;

  /** [T] position of each token in its sequence. */
  public final int[] positions;

  /** [T] KV slot that each token's key and value go to, or -1 to store none. */
  public final int[] slots;

  /** [S+1] where the tokens of each sequence start. */
  public final int[] seqStarts;

  /** [S] tokens in the KV cache once this step's are stored. */
  public final int[] kvLengths;

  /** [S × maxBlocks] block numbers of each sequence, row s from {@code s · limits.maxBlocks}. */
  public final int[] blockTables;

  /**
   * Rows whose logits are wanted: first the {@link #sampledRows} that are sampled from, then those
   * of prompt logprobs. Only the last of a sequence is usual; any row may ask.
   */
  public final int[] logitRows;

  /** How many of {@link #logitRows} are sampled from; at most {@code maxSequences}. */
  public int sampledRows;

  /** R: all logit rows of this step. */
  public int logits;

  /** What to do with each of the R rows, and what came of it. */
  public final Sampling sampling;

  public Batch(BatchLimits limits) {
    this.limits = limits;
    int t = limits.maxTokens();
    int s = limits.maxSequences();
    tokenIds = new int[t];
    feedRows = new int[t];
    positions = new int[t];
    slots = new int[t];
    seqStarts = new int[s + 1];
    kvLengths = new int[s];
    blockTables = new int[Math.multiplyExact(s, limits.maxBlocks())];
    logitRows = new int[Math.addExact(t, s)];
    sampling = new Sampling(Math.addExact(t, s), limits.maxLogprobs());
  }
}
