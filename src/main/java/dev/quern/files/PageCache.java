package dev.quern.files;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/**
 * What of a file is in the page cache, asked with {@code mincore}, which starts no reads ({@code
 * preadv2} with {@code RWF_NOWAIT} would start the system's read-ahead). It needs a mapping but no
 * page of it. Of files that a process neither owns nor may write, Linux tells that all is there.
 */
public final class PageCache {
  /** A multiple of every page size. */
  private static final long PLACE_BYTES = 64 << 10;

  /** Inside a piece, since pages at its ends come in with its neighbours; 2 µs each. */
  private static final int SAMPLES = 2;

  private static final int MOST_PAGES = 1 << 16;

  private PageCache() {}

  /** Whether this system tells. */
  public static boolean isKnown() {
    return CLibrary.AVAILABLE;
  }

  /**
   * Whether some bytes of a file are there, judged by pages spread over them; true where the system
   * does not tell.
   *
   * @param mapped the whole file
   */
  static boolean holds(MemorySegment mapped, long offset, long bytes) {
    if (!CLibrary.AVAILABLE || bytes == 0) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment there = arena.allocate(1);
      for (int i = 0; i < SAMPLES; i++) {
        long at = offset + bytes * (2 * i + 1) / (2 * SAMPLES);
        long page = mapped.address() + at / PLACE_BYTES * PLACE_BYTES;
        if (CLibrary.mincore(page, 1, there) && (there.get(JAVA_BYTE, 0) & 1) == 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** Bytes of the file that are there, in whole pages. */
  public static long residentBytes(Path path) throws IOException {
    if (!CLibrary.AVAILABLE) {
      throw new UnsupportedOperationException("this system does not tell what it holds of files");
    }
    long pageBytes = CLibrary.pageBytes();
    long pages = 0;
    try (FileChannel file = FileChannel.open(path);
        Arena arena = Arena.ofConfined()) {
      MemorySegment mapped = file.map(MapMode.READ_ONLY, 0, file.size(), arena);
      MemorySegment there = arena.allocate(MOST_PAGES);
      long stride = MOST_PAGES * pageBytes;
      for (long at = 0; at < mapped.byteSize(); at += stride) {
        long bytes = Math.min(stride, mapped.byteSize() - at);
        if (!CLibrary.mincore(mapped.address() + at, bytes, there)) {
          throw new IOException(path + ": the system does not tell what it holds of it");
        }
        for (int page = 0; page < Math.ceilDiv(bytes, pageBytes); page++) {
          pages += there.get(JAVA_BYTE, page) & 1;
        }
      }
    }
    return pages * pageBytes;
  }

  /**
   * Takes the file out, but for pages that a process has mapped and touched. What was just written
   * is stored first.
   */
  public static void drop(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      file.force(false);
    }
    int file = CLibrary.AVAILABLE ? CLibrary.open(path.toString(), false) : -1;
    boolean dropped = file >= 0 && CLibrary.drop(file);
    if (file >= 0) {
      CLibrary.close(file);
    }
    if (!dropped) {
      throw new IOException(path + ": cannot be taken out of the page cache");
    }
  }
}
