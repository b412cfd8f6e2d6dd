package dev.quern.files;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;

/**
 * The few functions of Linux's C library that look into the page cache and read past it. All take
 * only integers and pointers, so they are bound as {@code int f(long, …)}, the shapes that the CUDA
 * driver's functions have: each new shape would cost milliseconds of a start.
 */
final class CLibrary {
  private static final int OPEN_READ = 0x80000; // O_RDONLY | O_CLOEXEC

  /** O_DIRECT, which differs by architecture; 0 where it is not known. */
  private static final int OPEN_DIRECT =
      switch (System.getProperty("os.arch")) {
        case "amd64" -> 0x4000;
        case "aarch64" -> 0x10000;
        default -> 0;
      };

  private static final int ADVICE_DONT_NEED = 4; // POSIX_FADV_DONTNEED
  private static final int ADVICE_HUGE_PAGES = 14; // MADV_HUGEPAGE
  private static final int PAGE_SIZE = 30; // _SC_PAGESIZE

  /** Elsewhere than on Linux the constants are others, and {@code mincore} tells something else. */
  static final boolean AVAILABLE =
      System.getProperty("os.name").equals("Linux")
          && OPEN_DIRECT != 0
          && List.of("mincore", "madvise", "posix_fadvise", "posix_memalign", "pread").stream()
              .allMatch(name -> Linker.nativeLinker().defaultLookup().find(name).isPresent());

  private static final MethodHandle MINCORE = bind("mincore", 3);
  private static final MethodHandle MADVISE = bind("madvise", 3);
  private static final MethodHandle SYSCONF = bind("sysconf", 1);
  private static final MethodHandle OPEN = bind("open", 2);
  private static final MethodHandle PREAD = bind("pread", 4);
  private static final MethodHandle CLOSE = bind("close", 1);
  private static final MethodHandle FADVISE = bind("posix_fadvise", 4);
  private static final MethodHandle MEMALIGN = bind("posix_memalign", 3);
  private static final MethodHandle FREE = bind("free", 1);

  private CLibrary() {}

  private static MethodHandle bind(String name, int arguments) {
    if (!AVAILABLE) {
      return null;
    }
    MemoryLayout[] longs = new MemoryLayout[arguments];
    Arrays.fill(longs, JAVA_LONG);
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, longs));
  }

  /**
   * Asks which pages of a mapping are in memory: one byte a page in {@code out}, its lowest bit.
   *
   * @param address of a page
   * @return whether the system answered
   */
  static boolean mincore(long address, long bytes, MemorySegment out) {
    try {
      return (int) MINCORE.invokeExact(address, bytes, out.address()) == 0;
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  static int pageBytes() {
    try {
      return (int) SYSCONF.invokeExact((long) PAGE_SIZE);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  /** A file's descriptor; negative where it is refused. */
  static int open(String path, boolean direct) {
    try (Arena arena = Arena.ofConfined()) {
      long flags = direct ? OPEN_READ | OPEN_DIRECT : OPEN_READ;
      return (int) OPEN.invokeExact(arena.allocateFrom(path).address(), flags);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  /** How many bytes were read; 0 at the file's end, negative where the system refuses. */
  static int read(int file, long address, int bytes, long offset) {
    try {
      return (int) PREAD.invokeExact((long) file, address, (long) bytes, offset);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  static void close(int file) {
    try {
      int ignored = (int) CLOSE.invokeExact((long) file);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  /** Takes a file's clean pages that no process has mapped out of the page cache. */
  static boolean drop(int file) {
    try {
      return (int) FADVISE.invokeExact((long) file, 0L, 0L, (long) ADVICE_DONT_NEED) == 0;
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  /** Memory that nothing has touched yet, for {@link #free}; 0 when there is none. */
  static long allocate(long alignment, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int failed = (int) MEMALIGN.invokeExact(out.address(), alignment, bytes);
      return failed == 0 ? out.get(JAVA_LONG, 0) : 0;
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  /** Wants huge pages for memory; the system may have none. */
  static void wantHugePages(long address, long bytes) {
    try {
      int ignored = (int) MADVISE.invokeExact(address, bytes, (long) ADVICE_HUGE_PAGES);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  static void free(long address) {
    try {
      int ignored = (int) FREE.invokeExact(address);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }
}
