package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * Results in a folder of finished pieces, for places where files are written once, front to back:
 * mounted object stores. A piece is closed and then renamed to {@code part-….jsonl}; only such
 * pieces count, each whole. What a killed process had in its open piece is run again: {@value
 * #MAX_MILLIS} ms of results at most. Nothing is appended to, locked or synced.
 *
 * <p>All shards share the folder, and whoever opens it reads every piece; so their number may
 * change between attempts. {@code _SUCCESS} appears when a job's (or a shard's) lines all have
 * their result.
 */
public final class SegmentFolder implements Output {
  private static final long LEASE_MILLIS = 30_000;
  private static final int MAX_MILLIS = 10_000;
  private static final int MAX_LINES = 10_000;
  private static final long MAX_BYTES = 64L << 20;
  private static final String PART = "part-";
  private static final String SUCCESS = "_SUCCESS";

  private final Disk disk;
  private final Path folder;
  private final OutputOptions options;
  private final Lease lease;
  private final Ledger ledger;
  private final Runnable scratchGone;

  /**
   * In the names of this attempt's pieces: no two attempts may ever write the same one; they sort
   * by time.
   */
  private final String run =
      String.format(Locale.ROOT, "%014d-%s", System.currentTimeMillis(), UUID.randomUUID());

  private StreamLines streamLines;
  private boolean forced;
  private boolean verified;
  private boolean complete;
  private boolean closed;

  private OutputStream segment;
  private Path segmentFile;
  private int segments;
  private int segmentLines;
  private long segmentBytes;
  private long segmentNanos;

  private SegmentFolder(
      Disk disk,
      Path folder,
      OutputOptions options,
      Lease lease,
      Ledger ledger,
      Runnable scratchGone) {
    this.disk = disk;
    this.folder = folder;
    this.options = options;
    this.lease = lease;
    this.ledger = ledger;
    this.scratchGone = scratchGone;
  }

  /**
   * Opens a folder, takes its lease and reads its pieces.
   *
   * @param scratch a new file on a disk of this machine: eight bytes for each line
   */
  public static SegmentFolder open(Disk disk, Path folder, OutputOptions options, Path scratch)
      throws IOException {
    return open(disk, folder, options, scratch, LEASE_MILLIS);
  }

  static SegmentFolder open(
      Disk disk, Path folder, OutputOptions options, Path scratch, long leaseMillis)
      throws IOException {
    if (disk.size(folder.resolve("manifest.json")) < 0
        && !disk.list(folder).isEmpty()
        && !options.overwrite()
        && !onlyOurs(disk.list(folder)))
      throw new MismatchException(
          "output folder %s holds files that are not a job's; name an empty one".formatted(folder));
    disk.createFolder(folder);
    Lease lease;
    try {
      Path file = folder.resolve("lease-" + options.shard().tag());
      lease = Lease.take(disk, file, options.holder(), leaseMillis);
    } catch (HeldException e) {
      throw new HeldException("output %s is being written by %s".formatted(folder, e.getMessage()));
    }
    LocalDisk local = new LocalDisk();
    try {
      Ledger ledger = new Ledger(LineIndex.open(local.open(scratch)));
      SegmentFolder output =
          new SegmentFolder(disk, folder, options, lease, ledger, () -> scratch.toFile().delete());
      if (options.overwrite()) output.clear();
      output.readSegments();
      return output;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private static boolean onlyOurs(List<Path> files) {
    for (Path file : files) if (!isOurs(file.getFileName().toString())) return false;
    return true;
  }

  private static boolean isOurs(String name) {
    return name.startsWith(PART)
        || name.startsWith("lease-")
        || name.startsWith(SUCCESS)
        || name.startsWith("report")
        || name.startsWith("manifest.json");
  }

  private void clear() throws IOException {
    for (Path file : disk.list(folder)) {
      String name = file.getFileName().toString();
      if (isOurs(name) && !name.startsWith("lease-")) disk.delete(file);
    }
  }

  private void readSegments() throws IOException {
    for (Path file : disk.list(folder)) {
      if (!isSegment(file)) continue;
      try (InputStream in = disk.read(file, 0)) {
        RecordScanner scanner = new RecordScanner(in, 0);
        for (Found found; (found = scanner.next()) != null; ) {
          if (found.id() == null) ledger.addGarbage();
          else if (options.shard().has(found.id().number()))
            ledger.addNow(found.id().number(), found.state());
        }
      }
    }
    complete = disk.size(success()) >= 0;
  }

  private static boolean isSegment(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(PART) && name.endsWith(".jsonl");
  }

  /** The finished pieces of a folder. */
  public static List<Path> segments(Disk disk, Path folder) throws IOException {
    return disk.list(folder).stream().filter(SegmentFolder::isSegment).toList();
  }

  private Path success() {
    Shard shard = options.shard();
    return folder.resolve(shard.count() == 1 ? SUCCESS : SUCCESS + "-" + shard.tag());
  }

  @Override
  public Manifest bind(Manifest now, boolean force) throws IOException {
    forced = force;
    Path file = folder.resolve("manifest.json");
    Manifest bound = ManifestFile.bind(disk, file, folder, now, force);
    verified = bound.sameInput(now);
    Manifest agreed = bound.with(now);
    if (disk.size(file) < 0 || !agreed.equals(bound)) {
      Path fresh = folder.resolve("manifest.json." + options.shard().tag());
      try (OutputStream out = disk.create(fresh)) {
        out.write(agreed.toJson());
      }
      disk.move(fresh, file);
    }
    boolean wanted = options.retryFailed() && counts().failed() > 0;
    // An attempt that was killed before its end may have left what it replaced.
    boolean unclean = options.shard().count() == 1 && ledger.dead() > 0;
    if (wanted || unclean || !verified && force) complete = false;
    return agreed;
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
    if (streamLines == null) streamLines = new StreamLines(ledger.index(), options.retryFailed());
    return streamLines.numberOf(position, hash);
  }

  @Override
  public void write(ResultId id, boolean failed, byte[] bytes) throws IOException {
    lease.require();
    if (segment == null) {
      String name =
          String.format(Locale.ROOT, "%s%s-%s-%06d", PART, run, options.shard().tag(), ++segments);
      segmentFile = folder.resolve(name + ".open");
      segment = disk.create(segmentFile);
      segmentLines = 0;
      segmentBytes = 0;
      segmentNanos = System.nanoTime();
    }
    segment.write(bytes);
    segmentLines++;
    segmentBytes += bytes.length;
    ledger.addNow(id.number(), LineState.of(id.hash(), failed));
  }

  @Override
  public void settle(Frontier frontier, boolean now) throws IOException {
    if (segment == null) return;
    if (now
        || segmentLines >= MAX_LINES
        || segmentBytes >= MAX_BYTES
        || System.nanoTime() - segmentNanos > MAX_MILLIS * 1_000_000L) closeSegment();
  }

  private void closeSegment() throws IOException {
    segment.close();
    segment = null;
    String name = segmentFile.getFileName().toString();
    disk.move(segmentFile, folder.resolve(name.substring(0, name.length() - 5) + ".jsonl"));
  }

  @Override
  public void finish() throws IOException {
    if (complete) return;
    settle(Frontier.START, true);
    // Pieces are shared between shards: there the joining leaves out what was replaced.
    if (options.shard().count() == 1 && ledger.dead() > 0) dropDead();
    try (OutputStream out = disk.create(success())) {
      out.write((counts().lines() + " lines, " + counts().failed() + " failed\n").getBytes());
    }
    complete = true;
  }

  /** Writes those pieces again that hold what is no line's result. */
  private void dropDead() throws IOException {
    BitSet kept = new BitSet();
    for (Path file : segments(disk, folder)) {
      byte[] all;
      try (InputStream in = disk.read(file, 0)) {
        all = in.readAllBytes();
      }
      ByteArrayOutputStream left = new ByteArrayOutputStream(all.length);
      RecordScanner scanner = new RecordScanner(new java.io.ByteArrayInputStream(all), 0);
      for (Found found; (found = scanner.next()) != null; ) {
        if (found.id() == null || found.id().number() > Integer.MAX_VALUE) continue;
        int line = (int) found.id().number();
        if (ledger.index().getFresh(line) != found.state() || kept.get(line)) continue;
        kept.set(line);
        left.write(all, (int) found.offset(), (int) found.lengthBytes());
      }
      if (left.size() == all.length) continue;
      Path fresh = file.resolveSibling(file.getFileName() + ".open");
      try (OutputStream out = disk.create(fresh)) {
        left.writeTo(out);
      }
      disk.move(fresh, file);
    }
  }

  /** Where a report goes, without its ending. */
  public Path report() {
    Shard shard = options.shard();
    return folder.resolve(shard.count() == 1 ? "report" : "report-" + shard.tag());
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
      if (segment != null) closeSegment();
    } finally {
      scratchGone.run();
    }
  }
}
