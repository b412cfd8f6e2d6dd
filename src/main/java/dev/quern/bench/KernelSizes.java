package dev.quern.bench;

/**
 * Shapes that kernels are timed at.
 *
 * @param rows T of a decode step, and logit rows
 * @param manyRows T whose activations are larger than any cache
 * @param hidden E
 * @param ffn F
 * @param heads H
 * @param kvHeads Hk
 * @param headDim D
 * @param vocabulary V
 * @param context positions of each sequence; a multiple of 16
 * @param prompts of {@code context} tokens that are computed at once
 * @param wideOutputs N of a large product
 * @param wideInputs its K
 * @param productRows T of a product that waits for arithmetic
 */
record KernelSizes(
    int rows,
    int manyRows,
    int hidden,
    int ffn,
    int heads,
    int kvHeads,
    int headDim,
    int vocabulary,
    int context,
    int prompts,
    int wideOutputs,
    int wideInputs,
    int productRows) {
  /** Qwen3-0.6B's, and for large products the gate and up projections of Qwen2-7B. */
  static final KernelSizes QWEN =
      new KernelSizes(
          256, 32_768, 1024, 3072, 16, 8, 128, 151_936, 512, 16, 2 * 18_944, 3584, 8192);

  /** Columns of a merged projection. */
  int qkvCols() {
    return (heads + 2 * kvHeads) * headDim;
  }
}
