package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Results in one file that only grows, each line in one write. {@code OUTPUT.job/results.jsonl} is
 * the log; it gets the output's name when every line has its result. Beside it stand the index, the
 * manifest and the lock, which stay, so that the same command says that all is done.
 *
 * <p>What survives: a killed process loses nothing that was written; a power cut takes what was
 * written since the last sync, {@value #SYNC_MILLIS} ms at most. Either may leave a torn last line,
 * which is cut off. A result counts when its whole line is in the log, whatever the index says.
 */
public final class ResultLog implements Output {
  private static final int SYNC_MILLIS = 100;
  private static final int CHECKPOINT_MILLIS = 2000;
  private static final long CHECKPOINT_BYTES = 64L << 20;

  private final Disk disk;
  private final JobFiles files;
  private final OutputOptions options;
  private final Closeable lock;
  private final Ledger ledger;
  private final Siblings siblings;
  private volatile LogFile log; // null while the output is complete
  private StreamLines streamLines;
  private boolean forced;

  /** The input looks the same as before, so that a complete output needs no reading of it. */
  private boolean verified;

  private Manifest agreed;

  private long syncedBytes;
  private long syncedNanos = System.nanoTime();
  private long checkpointNanos = System.nanoTime();

  private ResultLog(
      Disk disk,
      JobFiles files,
      OutputOptions options,
      Closeable lock,
      Ledger ledger,
      Siblings siblings) {
    this.disk = disk;
    this.files = files;
    this.options = options;
    this.lock = lock;
    this.ledger = ledger;
    this.siblings = siblings;
  }

  /**
   * Opens an output, takes its lock and finds out what it has.
   *
   * @param output the name it gets in the end, without the shard
   * @throws IOException with a message for the user
   */
  public static ResultLog open(Disk disk, Path output, OutputOptions options) throws IOException {
    JobFiles files = new JobFiles(options.shard().name(output));
    if (!options.overwrite()) files.requireOurs(disk); // else nothing is made beside it
    disk.createFolder(files.folder());
    Closeable lock = lock(disk, files, options);
    LineIndex index = null;
    Siblings siblings = Siblings.none(disk);
    try {
      // Until now another process may have worked on it.
      if (!options.overwrite()) files.requireOurs(disk);
      if (options.overwrite() || !files.areOurs(disk)) files.delete(disk);
      index = LineIndex.open(disk.open(files.index()));
      if (!options.overwrite()) siblings = Siblings.open(disk, output, options.shard());
      ResultLog result = new ResultLog(disk, files, options, lock, new Ledger(index), siblings);
      result.recover();
      return result;
    } catch (IOException | RuntimeException e) {
      siblings.close();
      if (index != null) index.close();
      lock.close();
      throw e;
    }
  }

  private static Closeable lock(Disk disk, JobFiles files, OutputOptions options)
      throws IOException {
    try {
      return disk.lock(files.lock(), options.holder());
    } catch (HeldException e) {
      throw new HeldException(
          "output %s is being written by %s".formatted(files.output(), e.getMessage()));
    }
  }

  private void recover() throws IOException {
    if (disk.size(files.log()) < 0 && disk.size(files.output()) >= 0) {
      if (ledger.index().head().coveredBytes() == 0) LogRecovery.scanComplete(disk, files, ledger);
    } else {
      openLog();
    }
  }

  private void openLog() throws IOException {
    LogFile opened = LogRecovery.openLog(disk, files, ledger);
    syncedBytes = opened.bytes();
    log = opened;
  }

  @Override
  public Manifest bind(Manifest now, boolean force) throws IOException {
    forced = force;
    Manifest bound = ManifestFile.bind(disk, files.manifest(), files.output(), now, force);
    siblings.bind(now, force);
    verified = bound.sameInput(now);
    agreed = bound.with(now);
    boolean wanted = options.retryFailed() && ledger.counts().failed() > 0;
    if (log == null && (wanted || force && !verified)) reopen();
    if (log != null) {
      // All lines are compared with their results: from the start, also where the next attempt has
      // to go on with that.
      if (!verified) ledger.restart(log);
      writeManifest();
    }
    return agreed;
  }

  private void writeManifest() throws IOException {
    disk.replace(files.manifest(), agreed.toJson());
    disk.syncFolder(files.folder());
    disk.syncFolder(files.parent());
  }

  private void reopen() throws IOException {
    FinalFile.reopen(disk, files);
    openLog();
  }

  @Override
  public Frontier frontier() {
    return options.retryFailed() ? Frontier.START : ledger.index().head().frontier();
  }

  @Override
  public Fate fate(long line, long hash) throws IOException {
    long state = siblings.state(line, ledger.index().get(line));
    if (state == LineState.ABSENT) return log == null ? Fate.CHANGED : Fate.RUN;
    if (!LineState.sameLine(state, hash)) return forced ? Fate.RUN : Fate.CHANGED;
    return LineState.isFailed(state) && options.retryFailed() ? Fate.RUN : Fate.KEEP;
  }

  @Override
  public long numberOf(long position, long hash) throws IOException {
    if (streamLines == null)
      streamLines = new StreamLines(ledger.index(), options.shard(), options.retryFailed());
    long number = streamLines.numberOf(position, hash);
    // A stream may bring more lines than there were when the output was complete.
    if (number != 0 && log == null) reopen();
    return number;
  }

  @Override
  public void write(ResultId id, boolean failed, byte[] bytes) throws IOException {
    log.append(bytes);
    ledger.add(id.number(), LineState.of(id.hash(), failed));
  }

  @Override
  public void settle(Frontier frontier, boolean now) throws IOException {
    if (log == null) return;
    long nanos = System.nanoTime();
    long bytes = log.bytes() - syncedBytes;
    boolean checkpoint =
        now
            || ledger.isFull()
            || bytes > CHECKPOINT_BYTES
            || ledger.hasPending() && nanos - checkpointNanos > CHECKPOINT_MILLIS * 1_000_000L;
    if (checkpoint || bytes > 0 && nanos - syncedNanos > SYNC_MILLIS * 1_000_000L) {
      log.sync();
      syncedBytes = log.bytes();
      syncedNanos = System.nanoTime();
    }
    if (checkpoint) {
      ledger.checkpoint(log, frontier);
      checkpointNanos = System.nanoTime();
    }
  }

  @Override
  public void finish() throws IOException {
    if (log == null) {
      // Only now all its lines are known to be those that it has results of.
      if (!verified) writeManifest();
      return;
    }
    settle(Frontier.START, true);
    if (ledger.dead() > 0) compact();
    // Who finds the final name trusts the index without a look at the log.
    ledger.index().sync();
    log.close();
    FinalFile.publish(disk, files);
    log = null;
  }

  private void compact() throws IOException {
    log.close();
    FinalFile.compact(disk, files);
    log = new LogFile(disk, files.log());
    ledger.compacted();
    ledger.checkpoint(log, Frontier.START);
  }

  /** The name that the output gets, or has. */
  public Path output() {
    return files.output();
  }

  /** Where a report goes, without its ending. */
  public Path report() {
    return files.folder().resolve("report");
  }

  @Override
  public boolean isComplete() {
    return log == null && verified;
  }

  @Override
  public Counts counts() {
    return ledger.counts();
  }

  @Override
  public void close() throws IOException {
    try (lock;
        ledger) {
      siblings.close();
      if (log != null) log.close();
    }
  }
}
