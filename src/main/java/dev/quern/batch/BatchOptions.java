package dev.quern.batch;

import dev.quern.batch.store.Shard;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a job runs.
 *
 * @param ordered results in input order instead of as they are finished
 * @param again what to do with what an output holds already
 * @param limits what is in flight at once
 * @param shard the share of the lines that this job answers
 * @param deadline after this long no more lines are begun and the job ends; null for none
 * @param scratch where files are kept that come from or go to an address
 */
public record BatchOptions(
    boolean ordered, Again again, Limits limits, Shard shard, Duration deadline, Path scratch) {

  /**
   * @param overwrite the output is emptied first
   * @param retryFailed lines that failed are run again
   * @param force an output that was made otherwise is gone on with all the same
   */
  public record Again(boolean overwrite, boolean retryFailed, boolean force) {
    public static final Again RESUME = new Again(false, false, false);
  }

  /**
   * @param lineBytes longer lines are errors
   * @param lines between reading and writing; 0 = sixteen times the engine's sequences
   * @param bytes of those lines
   */
  public record Limits(int lineBytes, int lines, long bytes) {
    public static final Limits DEFAULT = new Limits(32 << 20, 0, 64L << 20);
  }

  /** What a job does unless told otherwise. */
  public static final BatchOptions DEFAULT =
      new BatchOptions(
          false,
          Again.RESUME,
          Limits.DEFAULT,
          Shard.WHOLE,
          null,
          Path.of(System.getProperty("java.io.tmpdir")));

  public BatchOptions ordered(boolean now) {
    return new BatchOptions(now, again, limits, shard, deadline, scratch);
  }

  public BatchOptions with(Again now) {
    return new BatchOptions(ordered, now, limits, shard, deadline, scratch);
  }

  public BatchOptions with(Limits now) {
    return new BatchOptions(ordered, again, now, shard, deadline, scratch);
  }

  public BatchOptions with(Shard now) {
    return new BatchOptions(ordered, again, limits, now, deadline, scratch);
  }

  /**
   * @param now null for none
   */
  public BatchOptions deadline(Duration now) {
    return new BatchOptions(ordered, again, limits, shard, now, scratch);
  }

  public BatchOptions scratch(Path now) {
    return new BatchOptions(ordered, again, limits, shard, deadline, now);
  }
}
