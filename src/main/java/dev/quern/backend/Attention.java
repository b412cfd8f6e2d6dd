package dev.quern.backend;

/**
 * A bound attention block. The merged projection is laid out [q: H·D | k: Hk·D | v: Hk·D] along its
 * rows.
 *
 * @param heads H
 * @param kvHeads Hk, a divisor of H
 * @param headDim D
 * @param scale multiplies q·k (usually 1/√D)
 * @param window a query at position p sees keys at p - window + 1 … p; 0 = all
 * @param softcap scores become {@code cap · tanh(score / cap)}; 0 = off
 * @param alibiSlopes [1,H], or null
 * @param qNorm norm over each q head (or, with {@code wholeNorm}, over all of q); its weight is
 *     [1,D] for all heads or [1,H·D]; null for none
 * @param kNorm the same for k
 * @param wholeNorm the q and k norms run over H·D and Hk·D values at once (OLMo 2) instead of over
 *     each head
 * @param normAfterRope the q and k norms follow the rotation (HunYuan) instead of preceding it;
 *     never with {@code wholeNorm}
 * @param clampQkv clamps the projection to ±limit (OLMo, MPT, DBRX); 0 = off
 * @param rope null for none
 * @param queryScale [positions,1] what q is multiplied with at each position after everything else,
 *     fp32; null for none
 */
public record Attention(
    Linear qkv,
    Linear out,
    int heads,
    int kvHeads,
    int headDim,
    float scale,
    int window,
    float softcap,
    Tensor alibiSlopes,
    Norm qNorm,
    Norm kNorm,
    boolean wholeNorm,
    boolean normAfterRope,
    float clampQkv,
    Rope rope,
    Tensor queryScale) {
  public Attention {
    if (wholeNorm && normAfterRope) {
      throw new IllegalArgumentException("a norm over all heads runs before the rotation");
    }
  }

  /** Columns of the merged projection: (H + 2·Hk)·D. */
  public int qkvCols() {
    return (heads + 2 * kvHeads) * headDim;
  }
}
