package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.cuda.CudaMemory;
import java.lang.foreign.MemorySegment;

/**
 * A batch's inputs on the device at fixed addresses, brought there in one copy from pinned memory.
 * Block tables are packed behind each other at the end, so that only what is used travels.
 */
final class DeviceBatch implements AutoCloseable {
  /** Query rows of a prefill tile: 16 · its four warps (attention_prefill.cu). */
  static final int TILE_ROWS = 64;

  final Batch host;
  private final long pinned;
  private final MemorySegment block;
  private final long address;
  private final DeviceArena arena;

  private final int tokenIds;
  private final int feedRows;
  private final int positions;
  private final int slots;
  private final int rowSequences;
  private final int seqStarts;
  private final int blockStarts;
  private final int logitRows;
  private final int tiles;
  private final int tables;

  /** Every sequence feeds one token: the step can be recorded. */
  private boolean decodeOnly;

  /** Sequences from the first on that feed one token each. */
  private int leadingDecodes;

  private int tileCount;
  private int tiledGroup;

  DeviceBatch(Batch host, int device) {
    this.host = host;
    BatchLimits limits = host.limits;
    int t = limits.maxTokens();
    int s = limits.maxSequences();
    int at = 0;
    tokenIds = at;
    feedRows = at += t;
    positions = at += t;
    slots = at += t;
    rowSequences = at += t;
    seqStarts = at += t;
    blockStarts = at += s + 1;
    logitRows = at += s;
    tiles = at += t + s;
    at += 2 * Math.addExact(t, s); // a tile holds at least one token, all heads of a group
    tables = at;
    long bytes = bytes(limits);
    pinned = CudaMemory.hostAlloc(bytes);
    block = MemorySegment.ofAddress(pinned).reinterpret(bytes);
    arena = new DeviceArena(device, bytes, 1);
    address = arena.allocate(bytes);
  }

  /** What the inputs of a step take at most. */
  static long bytes(BatchLimits limits) {
    long s = limits.maxSequences();
    return 4 * (8L * limits.maxTokens() + 5 * s + 1 + s * limits.maxBlocks());
  }

  /**
   * Packs the host's arrays and puts the copy on the stream. Rows up to {@code paddedRows} are
   * padding, and so are logit rows up to as many, which point to row 0.
   */
  void upload(int paddedRows, long stream) {
    int t = host.tokens;
    int s = host.sequences;
    copy(host.tokenIds, paddedRows, tokenIds);
    copy(host.feedRows, paddedRows, feedRows);
    copy(host.positions, paddedRows, positions);
    copy(host.slots, paddedRows, slots);
    copy(host.seqStarts, s + 1, seqStarts);
    copy(host.logitRows, host.logits, logitRows);
    for (int row = host.logits; row < paddedRows; row++) {
      block.setAtIndex(JAVA_INT, logitRows + row, 0);
    }
    decodeOnly = t == s;
    leadingDecodes = 0;
    while (leadingDecodes < s && host.seqStarts[leadingDecodes + 1] == leadingDecodes + 1) {
      leadingDecodes++;
    }
    tiledGroup = 0;
    int table = 0;
    for (int i = 0; i < s; i++) {
      int from = host.seqStarts[i];
      int to = host.seqStarts[i + 1];
      for (int row = from; row < to; row++) {
        block.setAtIndex(JAVA_INT, rowSequences + row, i);
      }
      int blocks = Math.ceilDiv(host.kvLengths[i], 16);
      block.setAtIndex(JAVA_INT, blockStarts + i, table);
      MemorySegment.copy(
          host.blockTables,
          i * host.limits.maxBlocks(),
          block,
          JAVA_INT,
          4L * (tables + table),
          blocks);
      table += blocks;
    }
    for (int row = t; row < paddedRows; row++) {
      block.setAtIndex(JAVA_INT, rowSequences + row, -1);
    }
    CudaMemory.copyToDevice(address, pinned, 4L * (tables + table), stream);
  }

  private void copy(int[] from, int count, int to) {
    MemorySegment.copy(from, 0, block, JAVA_INT, 4L * to, count);
  }

  boolean decodeOnly() {
    return decodeOnly;
  }

  int leadingDecodes() {
    return leadingDecodes;
  }

  /**
   * Tiles of TILE_ROWS (token, head) pairs for a group of {@code group} query heads, without the
   * leading decodes; packed when first asked for in a step.
   */
  int tileCount(int group, long stream) {
    if (tiledGroup != group) {
      tileCount = 0;
      for (int i = leadingDecodes; i < host.sequences; i++) {
        int pairs = (host.seqStarts[i + 1] - host.seqStarts[i]) * group;
        for (int pair = 0; pair < pairs; pair += TILE_ROWS) {
          block.setAtIndex(JAVA_INT, tiles + 2 * tileCount, i);
          block.setAtIndex(JAVA_INT, tiles + 2 * tileCount + 1, pair);
          tileCount++;
        }
      }
      CudaMemory.copyToDevice(tiles(), pinned + 4L * tiles, 8L * tileCount, stream);
      tiledGroup = group;
    }
    return tileCount;
  }

  long tokenIds() {
    return address + 4L * tokenIds;
  }

  long feedRows() {
    return address + 4L * feedRows;
  }

  long positions() {
    return address + 4L * positions;
  }

  long slots() {
    return address + 4L * slots;
  }

  long rowSequences() {
    return address + 4L * rowSequences;
  }

  long seqStarts() {
    return address + 4L * seqStarts;
  }

  long blockStarts() {
    return address + 4L * blockStarts;
  }

  long logitRows() {
    return address + 4L * logitRows;
  }

  long tiles() {
    return address + 4L * tiles;
  }

  long blockTable() {
    return address + 4L * tables;
  }

  @Override
  public void close() {
    arena.close();
    CudaMemory.hostFree(pinned);
  }
}
