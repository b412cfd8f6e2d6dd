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
      file = files.segment(run, ++segments);
      out = disk.create(FolderFiles.open(file));
      lines = 0;
      bytes = 0;
      startNanos = System.nanoTime();
    }
    try {
      out.write(line);
    } catch (IOException e) {
      abandon(e);
      throw e;
    }
    lines++;
    bytes += line.length;
  }

  /** A piece that may end in a torn line never counts. */
  private void abandon(IOException why) {
    try (OutputStream torn = out) {
      out = null;
      torn.flush();
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  boolean isDue() {
    return isOpen()
        && (lines >= MAX_LINES
            || bytes >= MAX_BYTES
            || System.nanoTime() - startNanos > MAX_MILLIS * 1_000_000L);
  }

  /** There is a piece that is not finished. */
  boolean isOpen() {
    return out != null;
  }

  /** Finishes the open piece. */
  Path publish() throws IOException {
    OutputStream whole = out;
    out = null; // where closing it fails, it is not whole
    whole.close();
    disk.move(FolderFiles.open(file), file);
    return file;
  }
}
