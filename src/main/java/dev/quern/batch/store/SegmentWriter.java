package dev.quern.batch.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;

/** Writes pieces, one after the other: each is closed and then gets the name by which it counts. */
final class SegmentWriter {
  static final int MAX_MILLIS = 10_000;
  private static final int MAX_LINES = 10_000;
  private static final long MAX_BYTES = 64L << 20;

  private final Disk disk;
  private final FolderFiles files;

  /**
   * In the names of this attempt's pieces: no two attempts may ever write the same one; they sort
   * by time.
   */
  private final String run =
      String.format(Locale.ROOT, "%014d-%s", System.currentTimeMillis(), UUID.randomUUID());

  private int segments;
  private Path file;
  private OutputStream out; // null between pieces
  private int lines;
  private long bytes;
  private long startNanos;

  SegmentWriter(Disk disk, FolderFiles files) {
    this.disk = disk;
    this.files = files;
  }

  void write(byte[] line) throws IOException {
    if (out == null) {
      file =
          files.segment(
              String.format(
                  Locale.ROOT,
                  "%s%s-%s-%06d",
                  FolderFiles.PART,
                  run,
                  files.shard().tag(),
                  ++segments));
      out = disk.create(FolderFiles.open(file));
      lines = 0;
      bytes = 0;
      startNanos = System.nanoTime();
    }
    out.write(line);
    lines++;
    bytes += line.length;
  }

  boolean isDue() {
    return out != null
        && (lines >= MAX_LINES
            || bytes >= MAX_BYTES
            || System.nanoTime() - startNanos > MAX_MILLIS * 1_000_000L);
  }

  /** Finishes the open piece, if there is one. */
  void publish() throws IOException {
    if (out == null) return;
    out.close();
    out = null;
    disk.move(FolderFiles.open(file), file);
  }
}
