package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;

/**
 * A {@link LineIndex} and the counts that go with it. Results of this run wait in memory until the
 * log that holds them is durable.
 */
final class Ledger implements Closeable {
  private static final int MAX_PENDING = 1 << 14;

  private final LineIndex index;
  private long done;
  private long failed;
  private long records;
  private long[] pendingLines = new long[64];
  private long[] pendingStates = new long[64];
  private int pending;

  Ledger(LineIndex index) {
    this.index = index;
    done = index.head().done();
    failed = index.head().failed();
    records = index.head().records();
  }

  LineIndex index() {
    return index;
  }

  Output.Counts counts() {
    return new Output.Counts(done, failed);
  }

  /** Log lines that are no input line's result: garbage, and results that were replaced. */
  long dead() {
    return records - done - failed;
  }

  /** Starts anew. */
  void clear() throws IOException {
    index.clear();
    done = 0;
    failed = 0;
    records = 0;
  }

  /** A record read from the log: into the index at once; then the lines are to be recounted. */
  void replay(Found found) throws IOException {
    records++;
    if (found.id() == null) return;
    long line = found.id().number();
    if (LineState.supersedes(found.state(), index.getFresh(line))) index.put(line, found.state());
  }

  /**
   * After a replay. A kill may have left entries in the index that its head does not count, so
   * there is no telling new ones from those that are written again.
   */
  void recount() throws IOException {
    Output.Counts counts = index.count();
    done = counts.done();
    failed = counts.failed();
  }

  /** A record read or written once: counted, and into the index at once. */
  void addNow(long line, long state) throws IOException {
    if (count(line, state)) index.put(line, state);
  }

  void addGarbage() {
    records++;
  }

  /** A record just written: into the index with the next {@link #checkpoint}. */
  void add(long line, long state) throws IOException {
    if (!count(line, state)) return;
    if (pending == pendingLines.length) {
      pendingLines = Arrays.copyOf(pendingLines, 2 * pending);
      pendingStates = Arrays.copyOf(pendingStates, 2 * pending);
    }
    pendingLines[pending] = line;
    pendingStates[pending++] = state;
  }

  /** False when an older record stays the line's result. */
  private boolean count(long line, long state) throws IOException {
    records++;
    long older = index.getFresh(line);
    if (!LineState.supersedes(state, older)) return false;
    if (LineState.isDone(older)) done--;
    if (LineState.isFailed(older)) failed--;
    if (LineState.isDone(state)) done++;
    else failed++;
    return true;
  }

  boolean isFull() {
    return pending >= MAX_PENDING;
  }

  boolean hasPending() {
    return pending > 0;
  }

  /** The log is durable up to here. */
  void checkpoint(LogFile log, Frontier frontier) throws IOException {
    for (int i = 0; i < pending; i++) index.put(pendingLines[i], pendingStates[i]);
    pending = 0;
    long bytes = log.bytes();
    index.checkpoint(
        new LineIndex.Head(bytes, log.checkAt(bytes), done, failed, records, frontier));
  }

  /** Makes the next attempt read the input from its start, whatever becomes of this one. */
  void restart(LogFile log) throws IOException {
    checkpoint(log, Frontier.START);
    index.sync();
  }

  /** The log was rewritten without what is dead. */
  void compacted() {
    records = done + failed;
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
