package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Memory outside the heap that is zero at first and backed by pages only as they are touched, so
 * that a large KV cache or logits buffer costs what is used of it: anonymous private mappings on
 * Linux and macOS. Elsewhere the arena allocates, and all of it is backed at once.
 */
final class NativeMemory {
  private static final int PROT_READ_WRITE = 1 | 2;
  private static final long ALIGNMENT = 64;

  private NativeMemory() {}

  /** {@code bytes} zero bytes that live until the arena is closed, aligned to a cache line. */
  static MemorySegment allocate(Arena arena, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot allocate " + bytes + " bytes");
    }
    if (bytes == 0 || !Mapping.AVAILABLE) {
      return arena.allocate(Math.max(bytes, 1), ALIGNMENT);
    }
    MemorySegment start = Mapping.map(bytes);
    return start.reinterpret(bytes, arena, Mapping::unmap);
  }

  /** The two calls of the C library, bound at first use. */
  private static final class Mapping {
    static final boolean MAC = System.getProperty("os.name").startsWith("Mac");
    static final boolean AVAILABLE = MAC || System.getProperty("os.name").equals("Linux");
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = MAC ? 0x1042 : 0x4022;
    private static final MethodHandle MMAP =
        bind(
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MUNMAP =
        bind("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

    static MemorySegment map(long bytes) {
      MemorySegment start;
      try {
        start =
            (MemorySegment)
                MMAP.invokeExact(
                    MemorySegment.NULL,
                    bytes,
                    PROT_READ_WRITE,
                    MAP_PRIVATE_ANONYMOUS_NORESERVE,
                    -1,
                    0L);
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
      if (start.address() == -1) {
        throw new OutOfMemoryError("mmap of " + bytes + " bytes of memory failed");
      }
      return start;
    }

    static void unmap(MemorySegment segment) {
      int code;
      try {
        code = (int) MUNMAP.invokeExact(segment, segment.byteSize());
      } catch (Throwable e) {
        throw new AssertionError(e);
      }
      if (code != 0) {
        throw new IllegalStateException("munmap of " + segment.byteSize() + " bytes failed");
      }
    }

    private static MethodHandle bind(String name, FunctionDescriptor shape) {
      if (!AVAILABLE) {
        return null;
      }
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), shape);
    }
  }
}
