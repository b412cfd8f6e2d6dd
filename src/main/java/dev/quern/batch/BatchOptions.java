package dev.quern.batch;

/**
 * How a job runs.
 *
 * @param ordered results in input order instead of as they are finished
 * @param overwrite an output file that holds something is emptied first
 * @param maxLineBytes longer lines are errors
 * @param maxLinesInFlight lines between reading and writing; 0 = four times the engine's sequences
 * @param maxBytesInFlight bytes of those lines
 */
public record BatchOptions(
    boolean ordered,
    boolean overwrite,
    int maxLineBytes,
    int maxLinesInFlight,
    long maxBytesInFlight) {
  /** What a job does unless told otherwise. */
  public static final BatchOptions DEFAULT = new BatchOptions(false, false, 32 << 20, 0, 64L << 20);

  public BatchOptions with(boolean orderedNow, boolean overwriteNow) {
    return new BatchOptions(
        orderedNow, overwriteNow, maxLineBytes, maxLinesInFlight, maxBytesInFlight);
  }
}
