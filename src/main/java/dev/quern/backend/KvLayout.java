package dev.quern.backend;

/**
 * Shape of a KV cache, equal for all layers.
 *
 * @param layers layers that keep keys and values
 * @param kvHeads Hk
 * @param headDim D
 * @param blockTokens tokens of a block
 * @param dtype type of the stored elements
 */
public record KvLayout(int layers, int kvHeads, int headDim, int blockTokens, DType dtype) {
  /** Bytes of one block: keys and values of all layers for {@code blockTokens} tokens. */
  public long blockBytes() {
    return 2L * layers * kvHeads * headDim * blockTokens * dtype.bytes();
  }
}
