package dev.quern.schedule;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The KV blocks of one model: who may have which.
 *
 * <p>Design. A block is owned (reference count above 0), or free, or beyond the pool's end. Free
 * blocks without a hash go out first, the lowest number first, so that the pool can shrink at its
 * end; then those that the prefix index knows, the longest unused first. A free block that the
 * index knows comes back to life when a prefix hits it. Owners write only to blocks that the index
 * does not know or to positions that nobody else reads, so no block is ever copied.
 *
 * <p>The pool lies in a range of {@code maxBlocks}; {@link #resize} moves its end. Owned blocks
 * past the new end stay with their owners and leave when they are given back; {@link #backedBlocks}
 * says how much of the range must stay backed by memory.
 *
 * <p>Invariants: {@code free + owned = size + owned past the end}; a block is in the unhashed set
 * or in the queue only if it is free and below the end; it is in the queue if and only if it is
 * free and the index knows it.
 *
 * <p>Source: the free queue of vLLM's BlockPool, whose unhashed blocks here are a bit set.
 */
public final class BlockPool {
  private static final int NONE = -1;

  private final PrefixIndex index;
  private final int[] references;

  /** Free blocks without a hash; {@code lowest} is at or below its first. */
  private final BitSet unhashed = new BitSet();

  private int lowest;

  /** Free blocks with a hash as a doubly linked list, oldest first. */
  private final int[] next;

  private final int[] previous;
  private int oldest = NONE;
  private int newest = NONE;

  private int size;
  private int free;
  private int backed;

  /**
   * @param maxBlocks the reserved range
   * @param blocks how many of it may be used now
   */
  BlockPool(int maxBlocks, int blocks) {
    if (blocks < 0 || blocks > maxBlocks)
      throw new IllegalArgumentException(blocks + " blocks of a range of " + maxBlocks);
    index = new PrefixIndex(maxBlocks);
    references = new int[maxBlocks];
    next = new int[maxBlocks];
    previous = new int[maxBlocks];
    Arrays.fill(next, NONE);
    Arrays.fill(previous, NONE);
    resize(blocks);
  }

  public int maxBlocks() {
    return references.length;
  }

  /** Blocks in use or to be had. */
  public int size() {
    return size;
  }

  /** Blocks that nobody owns, cached ones included. */
  public int free() {
    return free;
  }

  /** Blocks from the front of the range that must be backed by memory. */
  public int backedBlocks() {
    return backed;
  }

  public int references(int block) {
    return references[block];
  }

  boolean isIndexed(int block) {
    return index.contains(block);
  }

  /** A block for one owner, its old content forgotten; there must be a free one. */
  int take() {
    int block = unhashed.nextSetBit(lowest);
    if (block >= 0) {
      lowest = block + 1;
      unhashed.clear(block);
    } else {
      block = oldest;
      if (block == NONE) throw new IllegalStateException("no free block");
      unlink(block);
      index.remove(block);
    }
    references[block] = 1;
    free--;
    return block;
  }

  /** The block that holds a prefix, or -1. */
  int find(long hashLow, long hashHigh) {
    int block = index.find(hashLow, hashHigh);
    // One past the end is about to leave: no new owner may keep it.
    return block < size ? block : NONE;
  }

  /** One more owner for a block that was found. */
  void share(int block) {
    if (references[block]++ == 0) {
      unlink(block);
      free--;
    }
  }

  /** Makes an owned, full block known to later prefixes, unless an equal one is known already. */
  void enter(int block, long hashLow, long hashHigh) {
    if (references[block] == 0) throw new IllegalStateException("block " + block + " is not owned");
    index.enter(block, hashLow, hashHigh);
  }

  /** One owner less. */
  void release(int block) {
    if (references[block] == 0) throw new IllegalStateException("block " + block + " is not owned");
    if (--references[block] > 0) return;
    if (block >= size) {
      index.remove(block);
      if (block == backed - 1) lowerBacked();
      return;
    }
    free++;
    if (index.contains(block)) {
      append(block);
    } else {
      addUnhashed(block);
    }
  }

  /** Moves the pool's end. Cached blocks past it are forgotten, owned ones leave as they end. */
  void resize(int blocks) {
    if (blocks < 0 || blocks > maxBlocks())
      throw new IllegalArgumentException(blocks + " blocks of a range of " + maxBlocks());
    for (int block = size; block < blocks; block++) {
      if (references[block] > 0) continue;
      addUnhashed(block);
      free++;
    }
    for (int block = blocks; block < size; block++) {
      if (references[block] > 0) continue;
      if (index.contains(block)) unlink(block);
      index.remove(block);
      unhashed.clear(block);
      free--;
    }
    size = blocks;
    backed = Math.max(backed, size);
    lowerBacked();
  }

  /** Forgets every prefix. */
  void forgetPrefixes() {
    while (oldest != NONE) {
      int block = oldest;
      unlink(block);
      index.remove(block);
      addUnhashed(block);
    }
    for (int block = 0; block < backed; block++) index.remove(block);
  }

  private void lowerBacked() {
    while (backed > size && references[backed - 1] == 0) backed--;
  }

  private void addUnhashed(int block) {
    unhashed.set(block);
    lowest = Math.min(lowest, block);
  }

  private void append(int block) {
    previous[block] = newest;
    next[block] = NONE;
    if (newest == NONE) oldest = block;
    else next[newest] = block;
    newest = block;
  }

  private void unlink(int block) {
    int before = previous[block];
    int after = next[block];
    if (before == NONE) oldest = after;
    else next[before] = after;
    if (after == NONE) newest = before;
    else previous[after] = before;
    previous[block] = NONE;
    next[block] = NONE;
  }
}
