package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The driver's library, and what its codes mean. In the bindings each call stands alone in its
 * {@code try} and its code is checked outside: a CUDA error must never look like a binding's.
 */
final class DriverLibrary {
  static final NativeLibrary CUDA =
      NativeLibrary.open(List.of("libcuda.so.1", "libcuda.so", "nvcuda.dll"));

  static final int INVALID_VALUE = 1;
  static final int NOT_READY = 600;

  private static final MethodHandle ERROR_NAME = CUDA.bind("cuGetErrorName", 2);
  private static final MethodHandle ERROR_STRING = CUDA.bind("cuGetErrorString", 2);

  private DriverLibrary() {}

  static void check(int code, String call) {
    if (code != 0) {
      throw new CudaException(code, text(ERROR_NAME, code), text(ERROR_STRING, code), call);
    }
  }

  private static String text(MethodHandle function, int code) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int unknown;
      try {
        unknown = (int) function.invokeExact((long) code, out.address());
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      long address = out.get(JAVA_LONG, 0);
      return unknown != 0 || address == 0
          ? "unknown"
          : MemorySegment.ofAddress(address).reinterpret(256).getString(0);
    }
  }
}
