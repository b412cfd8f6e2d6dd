package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Memory of the CUDA driver API: reserved ranges and what backs them, pinned memory, copies. */
public final class CudaMemory {
  private static final MethodHandle MEM_INFO = DriverLibrary.CUDA.bind("cuMemGetInfo_v2", 2);
  private static final MethodHandle MEM_GRANULARITY =
      DriverLibrary.CUDA.bind("cuMemGetAllocationGranularity", 3);
  private static final MethodHandle ADDRESS_RESERVE =
      DriverLibrary.CUDA.bind("cuMemAddressReserve", 5);
  private static final MethodHandle ADDRESS_FREE = DriverLibrary.CUDA.bind("cuMemAddressFree", 2);
  private static final MethodHandle MEM_CREATE = DriverLibrary.CUDA.bind("cuMemCreate", 4);
  private static final MethodHandle MEM_RELEASE = DriverLibrary.CUDA.bind("cuMemRelease", 1);
  private static final MethodHandle MEM_MAP = DriverLibrary.CUDA.bind("cuMemMap", 5);
  private static final MethodHandle MEM_UNMAP = DriverLibrary.CUDA.bind("cuMemUnmap", 2);
  private static final MethodHandle MEM_SET_ACCESS = DriverLibrary.CUDA.bind("cuMemSetAccess", 4);
  private static final MethodHandle HOST_ALLOC = DriverLibrary.CUDA.bind("cuMemHostAlloc", 3);
  private static final MethodHandle HOST_FREE = DriverLibrary.CUDA.bind("cuMemFreeHost", 1);
  private static final MethodHandle HOST_REGISTER =
      DriverLibrary.CUDA.bind("cuMemHostRegister_v2", 3);
  private static final MethodHandle HOST_UNREGISTER =
      DriverLibrary.CUDA.bind("cuMemHostUnregister", 1);
  private static final MethodHandle COPY_TO_DEVICE =
      DriverLibrary.CUDA.bind("cuMemcpyHtoDAsync_v2", 4);
  private static final MethodHandle COPY_TO_HOST =
      DriverLibrary.CUDA.bind("cuMemcpyDtoHAsync_v2", 4);
  private static final MethodHandle COPY_ON_DEVICE =
      DriverLibrary.CUDA.bind("cuMemcpyDtoDAsync_v2", 4);
  private static final MethodHandle SET_BYTES = DriverLibrary.CUDA.bind("cuMemsetD8Async", 4);

  private CudaMemory() {}

  /** Reserves a range of addresses; {@code bytes} is a multiple of the granularity. */
  public static long reserve(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) ADDRESS_RESERVE.invokeExact(out.address(), bytes, 0L, 0L, 0L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuMemAddressReserve");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void unreserve(long address, long bytes) {
    int code;
    try {
      code = (int) ADDRESS_FREE.invokeExact(address, bytes);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemAddressFree");
  }

  public static void releaseMemory(long handle) {
    int code;
    try {
      code = (int) MEM_RELEASE.invokeExact(handle);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemRelease");
  }

  public static void map(long address, long bytes, long handle) {
    int code;
    try {
      code = (int) MEM_MAP.invokeExact(address, bytes, 0L, handle, 0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemMap");
  }

  public static void unmap(long address, long bytes) {
    int code;
    try {
      code = (int) MEM_UNMAP.invokeExact(address, bytes);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemUnmap");
  }

  /** Pinned host memory, usable from every context. */
  public static long hostAlloc(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) HOST_ALLOC.invokeExact(out.address(), bytes, 1L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuMemHostAlloc");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void hostFree(long address) {
    int code;
    try {
      code = (int) HOST_FREE.invokeExact(address);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemFreeHost");
  }

  /** Pins host memory, in whole pages, for every context. */
  public static void hostRegister(long address, long bytes) {
    int code;
    try {
      code = (int) HOST_REGISTER.invokeExact(address, bytes, 1L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemHostRegister_v2");
  }

  /** Ends the pinning; waits for nothing. */
  public static void hostUnregister(long address) {
    int code;
    try {
      code = (int) HOST_UNREGISTER.invokeExact(address);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemHostUnregister");
  }

  public static void copyToDevice(long to, long from, long bytes, long stream) {
    int code;
    try {
      code = (int) COPY_TO_DEVICE.invokeExact(to, from, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemcpyHtoDAsync_v2");
  }

  public static void copyToHost(long to, long from, long bytes, long stream) {
    int code;
    try {
      code = (int) COPY_TO_HOST.invokeExact(to, from, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemcpyDtoHAsync_v2");
  }

  public static void copyOnDevice(long to, long from, long bytes, long stream) {
    int code;
    try {
      code = (int) COPY_ON_DEVICE.invokeExact(to, from, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemcpyDtoDAsync_v2");
  }

  public static void setBytes(long to, int value, long bytes, long stream) {
    int code;
    try {
      code = (int) SET_BYTES.invokeExact(to, (long) value, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuMemsetD8Async");
  }

  /** Free and total bytes of the current context's device. */
  public record MemoryInfo(long freeBytes, long totalBytes) {}

  public static MemoryInfo memoryInfo() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(16, 8);
      int code;
      try {
        code = (int) MEM_INFO.invokeExact(out.address(), out.address() + 8);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuMemGetInfo_v2");
      return new MemoryInfo(out.get(JAVA_LONG, 0), out.get(JAVA_LONG, 8));
    }
  }

  /** The size that mapped memory comes in multiples of. */
  public static long granularity(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      long properties = AllocationProperties.onDevice(arena, device).address();
      int code;
      try {
        code = (int) MEM_GRANULARITY.invokeExact(out.address(), properties, 0L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuMemGetAllocationGranularity");
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Physical device memory to map; a multiple of the granularity. */
  public static long createMemory(int device, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      long properties = AllocationProperties.onDevice(arena, device).address();
      int code;
      try {
        code = (int) MEM_CREATE.invokeExact(out.address(), bytes, properties, 0L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuMemCreate");
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Lets the device read and write a mapped range. */
  public static void setAccess(long address, long bytes, int device) {
    try (Arena arena = Arena.ofConfined()) {
      long access = AllocationProperties.readWrite(arena, device).address();
      int code;
      try {
        code = (int) MEM_SET_ACCESS.invokeExact(address, bytes, access, 1L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuMemSetAccess");
    }
  }
}
