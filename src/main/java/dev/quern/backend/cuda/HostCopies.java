package dev.quern.backend.cuda;

import dev.quern.backend.WeightPart.FilePlace;
import dev.quern.files.ColdReads;
import dev.quern.files.PieceFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Copies of files and of host memory to the device, by several threads: each brings pieces into its
 * own pinned buffers by turns ({@link PieceCopier}) and puts their copies on the stream. Weights
 * small and large flow through without waiting for each other; cold files are read in parallel,
 * ahead of the device, and past the page cache where {@link ColdReads} says so.
 *
 * <p>Files are read into the pinned buffers, not mapped. Measured on one H100 (driver 580, Linux
 * 6.18, 16 cores), 15.2 GB in the page cache, where pinned memory comes in at 54.8 GB/s: reads of 2
 * MiB by 12 threads 50.6 GB/s, copies out of a mapping 44.9 (its page faults), registering the
 * mapping in pieces of 8 to 256 MiB by 1 to 16 threads 9 to 21 (the driver pins page by page under
 * one lock, 60 to 90 ms a GB whatever the number of threads, and refuses all but read-only
 * registrations). A whole load takes 0.02 to 0.04 s more; with pinned memory of the driver's own
 * (0.6 ms a MiB) instead of registered huge pages 0.06 to 0.08. Larger pieces gain 2%, 51.8 GB/s at
 * 4 MiB, and twice the pinned memory.
 */
final class HostCopies implements AutoCloseable {
  static final int BUFFER_BYTES = 2 << 20;

  /** A direct read takes whole blocks of the disk. */
  private static final int PIECE_BYTES = BUFFER_BYTES - PieceFile.OVERHANG_BYTES;

  private static final int MOST_THREADS = 12;

  /**
   * What goes to a place on the device.
   *
   * @param data the bytes, or null for those of the file
   * @param offset where they begin in the file
   * @param bytes how many
   */
  record Piece(long to, MemorySegment data, PieceFile file, long offset, int bytes) {}

  /** Ends a copier; never {@code interrupt}, which would close the file that others read. */
  static final Piece END = new Piece(0, null, null, 0, 0);

  private final long context;
  private final long stream;
  private final ColdReads coldReads;
  private final Map<Path, PieceFile> files = new HashMap<>();
  private final List<PieceCopier> copiers = new ArrayList<>();
  private final BlockingQueue<Piece> queue = new LinkedBlockingQueue<>();
  private final Object done = new Object();
  private int unfinished;
  private Throwable failure;

  HostCopies(long context, long stream, ColdReads coldReads) {
    this.context = context;
    this.stream = stream;
    this.coldReads = coldReads;
  }

  /**
   * Starts a copy; it is on the stream, and its source read, after {@link #flush}.
   *
   * @param from the bytes
   * @param file where they lie in a file, or null where only in memory
   */
  void copy(long to, MemorySegment from, FilePlace file) {
    startCopiers();
    PieceFile source = file == null ? null : open(file.path());
    for (long at = 0; at < from.byteSize(); at += PIECE_BYTES) {
      int bytes = (int) Math.min(PIECE_BYTES, from.byteSize() - at);
      synchronized (done) {
        unfinished++;
      }
      queue.add(
          source == null
              ? new Piece(to + at, from.asSlice(at, bytes), null, 0, bytes)
              : new Piece(to + at, null, source, file.offset() + at, bytes));
    }
  }

  /** Threads and pinned memory are made when first needed: random weights need none. */
  private void startCopiers() {
    if (!copiers.isEmpty()) {
      return;
    }
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_THREADS);
    for (int i = 0; i < threads; i++) {
      PieceCopier copier = new PieceCopier(context, stream, queue, this::finished);
      copiers.add(copier);
      copier.start("quern-load-" + i);
    }
  }

  private PieceFile open(Path path) {
    return files.computeIfAbsent(
        path,
        p -> {
          try {
            return PieceFile.open(p, coldReads);
          } catch (IOException e) {
            throw new UncheckedIOException(p + ": cannot be read: " + e.getMessage(), e);
          }
        });
  }

  private void finished(Throwable error) {
    synchronized (done) {
      unfinished--;
      if (failure == null) {
        failure = error;
      }
      done.notifyAll();
    }
  }

  /** Waits until all copies started so far are on the stream. */
  void flush() {
    synchronized (done) {
      while (unfinished > 0) {
        try {
          done.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted while weights were loading", e);
        }
      }
      if (failure != null) {
        throw new IllegalStateException("reading weights failed: " + failure.getMessage(), failure);
      }
    }
  }

  /** Bytes that were read past the page cache. */
  long directBytes() {
    long bytes = 0;
    for (PieceFile file : files.values()) {
      bytes += file.directBytes();
    }
    return bytes;
  }

  @Override
  public void close() {
    queue.clear();
    for (int i = 0; i < copiers.size(); i++) {
      queue.add(END);
    }
    for (PieceCopier copier : copiers) {
      copier.close();
    }
    for (PieceFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
