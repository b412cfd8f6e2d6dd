package dev.quern.batch.store;

/**
 * What is known of an input line, in 64 bits: its hash (the upper 62) and whether it has a result.
 */
final class LineState {
  static final long ABSENT = 0;
  private static final long DONE = 1;
  private static final long FAILED = 2;
  private static final long STATE_BITS = 3;

  private LineState() {}

  static long of(long hash, boolean failed) {
    return hash & ~STATE_BITS | (failed ? FAILED : DONE);
  }

  static boolean isDone(long state) {
    return (state & STATE_BITS) == DONE;
  }

  static boolean isFailed(long state) {
    return (state & STATE_BITS) == FAILED;
  }

  static boolean sameLine(long state, long hash) {
    return (state & ~STATE_BITS) == (hash & ~STATE_BITS);
  }

  /**
   * Whether a newer record takes an older one's place: a success is never lost to a failure of the
   * same line.
   */
  static boolean supersedes(long newer, long older) {
    return older == ABSENT || !(isDone(older) && isFailed(newer) && sameLine(older, newer));
  }

  /** Adds up how often each kind is there. */
  static void count(long[] states, int length, long[] counts) {
    for (int i = 0; i < length; i++) counts[(int) (states[i] & STATE_BITS)]++;
  }

  static Output.Counts counts(long[] counts) {
    return new Output.Counts(counts[(int) DONE], counts[(int) FAILED]);
  }
}
