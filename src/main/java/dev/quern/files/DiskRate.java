package dev.quern.files;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast files come in from their disk when nothing is done with them: parallel reads of all
 * their bytes, once, into the same small memory.
 *
 * @param directBytes how many of the bytes were read directly
 */
public record DiskRate(long bytes, long directBytes, double seconds) {
  private static final int PIECE_BYTES = 2 << 20;

  public double bytesPerSecond() {
    return bytes / seconds;
  }

  /** Reads files that were dropped from the page cache, by so many threads. */
  public static DiskRate measure(List<Path> paths, int threads, ColdReads cold) throws IOException {
    List<PieceFile> files = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (Path path : paths) {
        files.add(PieceFile.open(path, cold));
      }
      List<MemorySegment> memories = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        memories.add(
            HugeMemory.allocate(arena, PIECE_BYTES + PieceFile.OVERHANG_BYTES).fill((byte) 0));
      }
      long start = System.nanoTime();
      long bytes = 0;
      for (PieceFile file : files) {
        AtomicLong next = new AtomicLong();
        List<Future<Void>> readers = new ArrayList<>();
        for (MemorySegment memory : memories) {
          readers.add(pool.submit(() -> readAll(file, next, memory)));
        }
        for (Future<Void> reader : readers) {
          reader.get();
        }
        bytes += file.bytes();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long directBytes = 0;
      for (PieceFile file : files) {
        directBytes += file.directBytes();
      }
      return new DiskRate(bytes, directBytes, seconds);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while files were read", e);
    } finally {
      for (PieceFile file : files) {
        file.close();
      }
    }
  }

  /** A reader's share: whatever the others have not taken. */
  private static Void readAll(PieceFile file, AtomicLong next, MemorySegment memory)
      throws IOException {
    long size = file.bytes();
    for (long at = take(next); at < size; at = take(next)) {
      file.read(at, (int) Math.min(PIECE_BYTES, size - at), memory);
    }
    return null;
  }

  private static long take(AtomicLong next) {
    return next.getAndAdd(PIECE_BYTES);
  }
}
