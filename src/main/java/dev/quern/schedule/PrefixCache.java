package dev.quern.schedule;

/** Which blocks a sequence finds in the index, and which of its own it enters there. */
final class PrefixCache {
  private final boolean enabled;
  private final int blockTokens;
  private final BlockPool pool;
  private final BlockHash hash;

  /** What {@link #find} found last. */
  private final int[] hits;

  private long queryTokens;
  private long hitTokens;

  PrefixCache(ScheduleLimits limits, BlockPool pool) {
    enabled = limits.prefixCaching();
    blockTokens = limits.blockTokens();
    this.pool = pool;
    hash = new BlockHash(blockTokens);
    hits = new int[limits.blocksFor(limits.maxLength())];
  }

  /** Looks the sequence's prefix up and gives how many {@link #hit blocks} of it are there. */
  int find(Sequence sequence) {
    if (!reads(sequence)) return 0;
    // At least one token is computed, for there must be logits.
    int most = (sequence.known() - 1) / blockTokens;
    sequence.hashTo(most, hash, blockTokens);
    int count = 0;
    while (count < most) {
      int block = pool.find(sequence.hashLow(count), sequence.hashHigh(count));
      if (block < 0) break;
      hits[count++] = block;
    }
    return count;
  }

  int hit(int i) {
    return hits[i];
  }

  /** Of the first {@code count} hits, those that nobody owns. */
  int free(int count) {
    int free = 0;
    for (int i = 0; i < count; i++) if (pool.references(hits[i]) == 0) free++;
    return free;
  }

  /** Gives the first {@code count} hits to the sequence, which computes the rest. */
  void share(Sequence sequence, int count) {
    for (int i = 0; i < count; i++) {
      pool.share(hits[i]);
      sequence.addBlock(hits[i]);
    }
    sequence.indexedBlocks = count;
    if (sequence.wasAdmitted || !reads(sequence)) return;
    queryTokens += sequence.known();
    hitTokens += (long) count * blockTokens;
  }

  private boolean reads(Sequence sequence) {
    return enabled && !sequence.wantsPromptLogprobs();
  }

  /** Enters the blocks that are full of known ids and whose storing is planned. */
  void enterFull(Sequence sequence) {
    if (!enabled) return;
    int full = Math.min(sequence.planned, sequence.known()) / blockTokens;
    if (full == sequence.indexedBlocks) return;
    sequence.hashTo(full, hash, blockTokens);
    for (int i = sequence.indexedBlocks; i < full; i++)
      pool.enter(sequence.blocks()[i], sequence.hashLow(i), sequence.hashHigh(i));
    sequence.indexedBlocks = full;
  }

  long queryTokens() {
    return queryTokens;
  }

  long hitTokens() {
    return hitTokens;
  }
}
