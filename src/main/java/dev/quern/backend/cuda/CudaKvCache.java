package dev.quern.backend.cuda;

import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.cuda.CudaStreams;

/**
 * Paged keys and values in a range that is backed as far as there are blocks; block b lies at b ·
 * blockBytes.
 */
final class CudaKvCache implements KvCache {
  /** common.cuh */
  private static final int BLOCK_TOKENS = 16;

  private final KvLayout layout;
  private final DeviceRange range;
  private final long stream;
  private int blocks;

  CudaKvCache(KvLayout layout, int blocks, int device, long stream) {
    if (layout.blockTokens() != BLOCK_TOKENS) {
      throw new IllegalArgumentException(
          "the CUDA kernels take KV blocks of %d tokens, not %d: leave --block-size alone"
              .formatted(BLOCK_TOKENS, layout.blockTokens()));
    }
    this.stream = stream;
    this.layout = layout;
    range = new DeviceRange(device, layout.blockBytes() * blocks, 1);
    range.grow(layout.blockBytes() * blocks);
    this.blocks = blocks;
  }

  @Override
  public KvLayout layout() {
    return layout;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  long address() {
    return range.address();
  }

  long blockElements() {
    return layout.blockBytes() / layout.dtype().bytes();
  }

  @Override
  public void close() {
    CudaStreams.streamSynchronize(stream); // of steps that still use it
    range.close();
    blocks = 0;
  }
}
