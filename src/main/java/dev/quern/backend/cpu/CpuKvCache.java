package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A KV cache in one lazily backed range. A block holds, layer after layer, its keys as [Hk, D, B]
 * and its values as [Hk, B, D] (B tokens of a block): with the positions of a key dimension side by
 * side, the scores of a block are B chains over D without sums across lanes.
 */
final class CpuKvCache implements KvCache {
  /** Kernels may read up to a vector pair past the last value. */
  private static final long SLACK_BYTES = 128;

  private final Arena arena = Arena.ofShared();
  private final KvLayout layout;
  private final int blocks;
  final MemorySegment data;

  CpuKvCache(KvLayout layout, int blocks) {
    this.layout = layout;
    this.blocks = blocks;
    long bytes = Math.multiplyExact(layout.blockBytes(), (long) blocks);
    data = NativeMemory.allocate(arena, Math.addExact(bytes, SLACK_BYTES));
  }

  @Override
  public KvLayout layout() {
    return layout;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  /** Element index of the keys [D, B] of one head in a block. */
  long keys(int block, int layer, int kvHead) {
    if (block < 0 || block >= blocks) {
      throw new IndexOutOfBoundsException("block " + block + " of a KV cache with " + blocks);
    }
    long head = ((long) block * layout.layers() + layer) * 2 * layout.kvHeads() + kvHead;
    return head * layout.headDim() * layout.blockTokens();
  }

  /** Element index of the values [B, D] of one head in a block. */
  long values(int block, int layer, int kvHead) {
    return keys(block, layer, kvHead)
        + (long) layout.kvHeads() * layout.headDim() * layout.blockTokens();
  }

  /** Address of the first element, for loops that have checked their sizes. */
  long address() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("the KV cache is closed");
    }
    return data.address();
  }

  float get(long element) {
    DType dtype = layout.dtype();
    return dtype == DType.F32
        ? data.getAtIndex(JAVA_FLOAT, element)
        : Bits.toFloat(dtype, data.getAtIndex(JAVA_SHORT, element));
  }

  void set(long element, float value) {
    DType dtype = layout.dtype();
    if (dtype == DType.F32) {
      data.setAtIndex(JAVA_FLOAT, element, value);
    } else {
      data.setAtIndex(JAVA_SHORT, element, (short) Bits.fromFloat(dtype, value));
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
