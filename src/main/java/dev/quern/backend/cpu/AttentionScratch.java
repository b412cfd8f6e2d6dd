package dev.quern.backend.cpu;

/** One worker's arrays for a tile of attention: at most {@link VectorAttention#TILE} queries. */
final class AttentionScratch {
  private static final int TILE = VectorAttention.TILE;
  private static final int BLOCK = ScalarAttention.BLOCK;

  /** [D, height]. */
  final float[] queries;

  /** [height, 32] scores of a block, then its weights. */
  final float[] scores = new float[TILE * BLOCK];

  /** [32, height] the weights again, for the matrix kernels. */
  final float[] weights = new float[BLOCK * TILE];

  /** [D/32, height, 32] values summed so far. */
  final float[] sums;

  /** [height, 32] weights summed so far, by position mod 32. */
  final float[] weightSums = new float[TILE * BLOCK];

  /** [height] the highest score so far. */
  final float[] max = new float[TILE];

  /** [height] what is subtracted from scores: the maximum, or 0 while nothing is seen. */
  final float[] shift = new float[TILE];

  /** [height] first and last position of the block that a query sees. */
  final int[] first = new int[TILE];

  final int[] last = new int[TILE];

  AttentionScratch(int headDim) {
    queries = new float[headDim * TILE];
    sums = new float[Math.ceilDiv(headDim, 32) * TILE * 32];
  }
}
