package dev.quern.batch.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds the lines of a stream among earlier results by their text alone: a stream may come in
 * another order, or with more lines. Equal lines are counted. Takes eight bytes for each earlier
 * result.
 */
final class StreamLines {
  private static final long HASH_BITS = ~3L;

  private final LineIndex index;
  private final Shard shard;
  private final long[] doneHashes;
  private final BitSet used = new BitSet();
  private final Map<Long, ArrayDeque<Long>> toRetry = new HashMap<>();
  private final Set<Long> given = new HashSet<>();
  private long highest;

  StreamLines(LineIndex index, Shard shard, boolean retryFailed) throws IOException {
    this.index = index;
    this.shard = shard;
    highest = index.lastLine();
    long[] hashes = new long[Math.toIntExact(highest)];
    int count = 0;
    for (long line = 1; line <= highest; line++) {
      long state = index.get(line);
      if (state == LineState.ABSENT) continue;
      if (retryFailed && LineState.isFailed(state))
        toRetry.computeIfAbsent(state & HASH_BITS, _ -> new ArrayDeque<>()).add(line);
      else hashes[count++] = state & HASH_BITS;
    }
    doneHashes = Arrays.copyOf(hashes, count);
    Arrays.sort(doneHashes);
  }

  /**
   * @param position of the line in the stream; one of the shard's
   * @return the number it goes by; 0 when it has its result
   */
  long numberOf(long position, long hash) throws IOException {
    if (isDone(hash & HASH_BITS)) return 0;
    ArrayDeque<Long> failed = toRetry.get(hash & HASH_BITS);
    if (failed != null && !failed.isEmpty()) return failed.poll();
    long number = position;
    while (!shard.has(number)
        || given.contains(number)
        || index.getFresh(number) != LineState.ABSENT) number = ++highest;
    if (number != position) given.add(number);
    return number;
  }

  private boolean isDone(long hash) {
    int at = Arrays.binarySearch(doneHashes, hash);
    if (at < 0) return false;
    while (at > 0 && doneHashes[at - 1] == hash) at--;
    int free = used.nextClearBit(at);
    if (free >= doneHashes.length || doneHashes[free] != hash) return false;
    used.set(free);
    return true;
  }
}
