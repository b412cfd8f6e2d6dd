package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Results in a folder of finished pieces, for places where files are written once, front to back:
 * mounted object stores. A piece is closed and then renamed to {@code part-….jsonl}; only such
 * pieces count, each whole. What a killed process had in its open piece is run again: {@value
 * SegmentWriter#MAX_MILLIS} ms of results at most. Nothing is appended to, locked or synced.
 *
 * <p>All shards share the folder, and whoever opens it reads every piece; so their number may
 * change between attempts. {@code _SUCCESS} appears when a job's (or a shard's) lines all have
 * their result.
 */
public final class SegmentFolder implements Output {
  private static final long LEASE_MILLIS = 30_000;

  private final Disk disk;
  private final FolderFiles files;
  private final OutputOptions options;
  private final Lease lease;
  private final Ledger ledger;
  private final SegmentWriter writer;
  private final Runnable scratchGone;

  /** Pieces whose lines are in the ledger. */
  private final Set<Path> known = new HashSet<>();

  private StreamLines streamLines;
  private boolean forced;
  private boolean verified;
  private boolean complete;
  private Manifest agreed;
  private boolean closed;

  private SegmentFolder(
      Disk disk,
      FolderFiles files,
      OutputOptions options,
      Lease lease,
      Ledger ledger,
      Runnable scratchGone) {
    this.disk = disk;
    this.files = files;
    this.options = options;
    this.lease = lease;
    this.ledger = ledger;
    this.writer = new SegmentWriter(disk, files);
    this.scratchGone = scratchGone;
  }

  /**
   * Opens a folder, takes its lease and reads its pieces.
   *
   * @param scratch a new file on a disk of this machine: eight bytes for each line; it is deleted
   *     when the folder is closed, or not opened
   */
  public static SegmentFolder open(Disk disk, Path folder, OutputOptions options, Path scratch)
      throws IOException {
    return open(disk, folder, options, scratch, LEASE_MILLIS);
  }

  static SegmentFolder open(
      Disk disk, Path folder, OutputOptions options, Path scratch, long leaseMillis)
      throws IOException {
    FolderFiles files = new FolderFiles(folder, options.shard());
    Runnable scratchGone = () -> scratch.toFile().delete();
    Closeable opened = scratchGone::run;
    try {
      // In this order: another shard may be the first one just now.
      if (!options.overwrite() && !files.isUnused(disk) && disk.size(files.manifest()) < 0)
        throw new MismatchException(
            "output folder %s holds files that are not a job's; name an empty one"
                .formatted(folder));
      disk.createFolder(folder);
      Lease lease = lease(disk, files, options, leaseMillis);
      Ledger ledger = new Ledger(LineIndex.open(new LocalDisk().open(scratch)));
      SegmentFolder output = new SegmentFolder(disk, files, options, lease, ledger, scratchGone);
      opened = output;
      if (options.overwrite()) files.clear(disk);
      output.readSegments();
      output.complete = disk.size(files.success()) >= 0;
      return output;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private static Lease lease(Disk disk, FolderFiles files, OutputOptions options, long leaseMillis)
      throws IOException {
    try {
      return Lease.take(disk, files.lease(), options.holder(), leaseMillis);
    } catch (HeldException e) {
      throw new HeldException(
          "output %s is being written by %s".formatted(files.folder(), e.getMessage()));
    }
  }

  /** Takes in the pieces that are not known. */
  private void readSegments() throws IOException {
    for (Path file : segments(disk, files.folder())) {
      if (!known.add(file)) continue;
      try (InputStream in = disk.read(file, 0)) {
        RecordScanner scanner = new RecordScanner(in, 0);
        for (Found found; (found = scanner.next()) != null; ) {
          if (found.id() == null) ledger.addGarbage();
          else if (options.shard().has(found.id().number()))
            ledger.addNow(found.id().number(), found.state());
        }
      }
    }
  }

  /** The finished pieces of a folder. */
  public static List<Path> segments(Disk disk, Path folder) throws IOException {
    return disk.list(folder).stream().filter(FolderFiles::isSegment).toList();
  }

  @Override
  public Manifest bind(Manifest now, boolean force) throws IOException {
    forced = force;
    Manifest bound = now;
    if (!options.overwrite())
      bound = ManifestFile.bind(disk, files.manifest(), files.folder(), now, force);
    verified = bound.sameInput(now);
    agreed = bound.with(now);
    writeManifest(bound.withResultsOf(now));
    boolean wanted = options.retryFailed() && counts().failed() > 0;
    // An attempt that was killed before its end may have left what it replaced.
    boolean unclean = options.shard().count() == 1 && ledger.dead() > 0;
    if (wanted || unclean || !verified && force) reopen();
    return agreed;
  }

  private void writeManifest(Manifest manifest) throws IOException {
    if (!options.overwrite() && manifest.equals(ManifestFile.read(disk, files.manifest()))) return;
    try (OutputStream out = disk.create(files.newManifest())) {
      out.write(manifest.toJson());
    }
    disk.move(files.newManifest(), files.manifest());
  }

  private void reopen() throws IOException {
    if (!complete) return;
    disk.delete(files.success());
    complete = false;
  }

  @Override
  public Frontier frontier() {
    return Frontier.START;
  }

  @Override
  public Fate fate(long line, long hash) throws IOException {
    long state = ledger.index().get(line);
    if (state == LineState.ABSENT) return complete ? Fate.CHANGED : Fate.RUN;
    if (!LineState.sameLine(state, hash)) return forced ? Fate.RUN : Fate.CHANGED;
    return LineState.isFailed(state) && options.retryFailed() ? Fate.RUN : Fate.KEEP;
  }

  @Override
  public long numberOf(long position, long hash) throws IOException {
    if (streamLines == null)
      streamLines = new StreamLines(ledger.index(), options.shard(), options.retryFailed());
    return streamLines.numberOf(position, hash);
  }

  @Override
  public void write(ResultId id, boolean failed, byte[] bytes) throws IOException {
    lease.require();
    reopen(); // a stream may bring more lines than there were
    writer.write(bytes);
    ledger.addNow(id.number(), LineState.of(id.hash(), failed));
  }

  @Override
  public void settle(Frontier frontier, boolean now) throws IOException {
    if (now || writer.isDue()) publish();
  }

  private void publish() throws IOException {
    if (!writer.isOpen()) return;
    lease.confirm();
    known.add(writer.publish());
  }

  @Override
  public void finish() throws IOException {
    publish();
    lease.confirm();
    // Pieces are shared between shards: there the joining leaves out what was replaced, and their
    // inputs may differ in time.
    boolean alone = options.shard().count() == 1;
    if (!complete) {
      files.deleteOpen(disk);
      // One who lost the lease may have finished a piece before noticing.
      if (alone) readSegments();
      if (alone && ledger.dead() > 0) SegmentCompaction.run(disk, files.folder(), ledger.index());
      try (OutputStream out = disk.create(files.success())) {
        out.write((counts().lines() + " lines, " + counts().failed() + " failed\n").getBytes());
      }
      complete = true;
    }
    // Only now all lines are known to be those that there are results of.
    if (alone) writeManifest(agreed);
  }

  /** Where a report goes, without its ending. */
  public Path report() {
    return files.report();
  }

  @Override
  public boolean isComplete() {
    return complete && verified;
  }

  @Override
  public Counts counts() {
    return ledger.counts();
  }

  @Override
  public void close() throws IOException {
    if (closed) return;
    closed = true;
    try (lease;
        ledger) {
      if (!lease.isLost()) publish();
    } finally {
      scratchGone.run();
    }
  }
}
