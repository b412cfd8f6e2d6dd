package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;

/**
 * Where a job's results go, and what it has from earlier attempts. One thread reads lines and asks
 * {@link #fate}; one writes.
 */
public interface Output extends Closeable {
  /** What to do with an input line. */
  enum Fate {
    /** It has no result, or one that is to be replaced. */
    RUN,
    /** It has its result. */
    KEEP,
    /** It has one, but of another text: the input was changed. */
    CHANGED
  }

  /** Counts over all attempts. */
  record Counts(long done, long failed) {
    public long lines() {
      return done + failed;
    }
  }

  /**
   * Compares with the manifest of earlier attempts and writes this one's; before any line.
   *
   * @return the manifest that holds: it keeps the first attempt's time
   * @throws MismatchException where they differ, unless forced
   */
  Manifest bind(Manifest now, boolean force) throws IOException;

  /** Where to start reading; every line before it has its result. */
  Frontier frontier();

  Fate fate(long line, long hash) throws IOException;

  /** For inputs whose lines are known by their text alone: the number this line goes by. */
  long numberOf(long position, long hash) throws IOException;

  /**
   * Adds one output line.
   *
   * @param bytes the whole line with its end
   */
  void write(ResultId id, boolean failed, byte[] bytes) throws IOException;

  /**
   * Called often: makes what was written durable when it is time.
   *
   * @param now at once
   */
  void settle(Frontier frontier, boolean now) throws IOException;

  /** Every line has its result: gives the output its final name. */
  void finish() throws IOException;

  /** The output was complete before this attempt and nothing is to be run again. */
  boolean isComplete();

  Counts counts();
}
