package dev.quern.schedule;

import java.util.Arrays;

/**
 * Which block holds the keys and values of a hashed prefix: an open hash table from 128-bit hash to
 * block, with linear probing and deletion by shifting back. The hashes are uniform, so their low
 * bits are the place to start from.
 *
 * <p>Invariants: a block stands in the table once or not at all; a hash stands for one block.
 */
final class PrefixIndex {
  private static final int EMPTY = -1;

  private final int[] table;
  private final int mask;
  private final long[] low;
  private final long[] high;
  private final boolean[] entered;

  PrefixIndex(int maxBlocks) {
    int size = Integer.highestOneBit(Math.max(8, maxBlocks)) * 4;
    table = new int[size];
    Arrays.fill(table, EMPTY);
    mask = size - 1;
    low = new long[maxBlocks];
    high = new long[maxBlocks];
    entered = new boolean[maxBlocks];
  }

  /** The block of a hash, or -1. */
  int find(long hashLow, long hashHigh) {
    int at = (int) hashLow & mask;
    while (table[at] != EMPTY) {
      int block = table[at];
      if (low[block] == hashLow && high[block] == hashHigh) return block;
      at = (at + 1) & mask;
    }
    return EMPTY;
  }

  /** Enters a block, unless another stands for the same hash. */
  boolean enter(int block, long hashLow, long hashHigh) {
    if (entered[block]) throw new IllegalStateException("block " + block + " is entered already");
    if (find(hashLow, hashHigh) != EMPTY) return false;
    low[block] = hashLow;
    high[block] = hashHigh;
    entered[block] = true;
    int at = (int) hashLow & mask;
    while (table[at] != EMPTY) at = (at + 1) & mask;
    table[at] = block;
    return true;
  }

  boolean contains(int block) {
    return entered[block];
  }

  /** Takes a block out if it is in. */
  void remove(int block) {
    if (!entered[block]) return;
    entered[block] = false;
    int hole = (int) low[block] & mask;
    while (table[hole] != block) hole = (hole + 1) & mask;
    // Later entries of the run move back unless they would come to stand before their own start.
    int at = (hole + 1) & mask;
    while (table[at] != EMPTY) {
      int start = (int) low[table[at]] & mask;
      if (((at - start) & mask) >= ((at - hole) & mask)) {
        table[hole] = table[at];
        hole = at;
      }
      at = (at + 1) & mask;
    }
    table[hole] = EMPTY;
  }
}
