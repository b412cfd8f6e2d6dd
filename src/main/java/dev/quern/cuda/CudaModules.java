package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Modules, their kernels, and launches of the CUDA driver API. */
public final class CudaModules {
  private static final MethodHandle MODULE_LOAD = DriverLibrary.CUDA.bind("cuModuleLoadData", 2);
  private static final MethodHandle MODULE_UNLOAD = DriverLibrary.CUDA.bind("cuModuleUnload", 1);
  private static final MethodHandle MODULE_FUNCTION =
      DriverLibrary.CUDA.bind("cuModuleGetFunction", 3);
  private static final MethodHandle FUNCTION_SET = DriverLibrary.CUDA.bind("cuFuncSetAttribute", 3);

  /** From CUDA 12.4 on: null before. */
  private static final MethodHandle FUNCTION_PARAM =
      DriverLibrary.CUDA.optional("cuFuncGetParamInfo", 4).orElse(null);

  private static final MethodHandle LAUNCH = DriverLibrary.CUDA.bind("cuLaunchKernel", 11);

  private CudaModules() {}

  /** Loads a fatbin or cubin that lies in native memory at {@code image}. */
  public static long moduleLoad(long image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) MODULE_LOAD.invokeExact(out.address(), image);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuModuleLoadData");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void moduleUnload(long module) {
    int code;
    try {
      code = (int) MODULE_UNLOAD.invokeExact(module);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuModuleUnload");
  }

  /** A CUfunction_attribute. */
  public static void functionSet(long function, int attribute, int value) {
    int code;
    try {
      code = (int) FUNCTION_SET.invokeExact(function, (long) attribute, (long) value);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuFuncSetAttribute");
  }

  /**
   * {@code parameters} is an array of pointers to the arguments; the driver copies them during the
   * call.
   */
  public static void launch(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int sharedBytes,
      long stream,
      long parameters) {
    int code;
    try {
      code =
          (int)
              LAUNCH.invokeExact(
                  function,
                  (long) gridX,
                  (long) gridY,
                  (long) gridZ,
                  (long) blockX,
                  (long) blockY,
                  (long) blockZ,
                  (long) sharedBytes,
                  stream,
                  parameters,
                  0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuLaunchKernel");
  }

  /** A kernel of a module. */
  public static long moduleFunction(long module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      long cName = arena.allocateFrom(name).address();
      int code;
      try {
        code = (int) MODULE_FUNCTION.invokeExact(out.address(), module, cName);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuModuleGetFunction " + name);
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Where a kernel's parameter lies in its parameter block. */
  public record Parameter(long offset, long bytes) {}

  /** Whether {@link #parameter} can be asked (drivers from CUDA 12.4 on). */
  public static boolean knowsParameters() {
    return FUNCTION_PARAM != null;
  }

  /** The kernel's parameter of that index, or null past the last. */
  public static Parameter parameter(long function, int index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(16, 8);
      int code;
      try {
        code =
            (int)
                FUNCTION_PARAM.invokeExact(
                    function, (long) index, out.address(), out.address() + 8);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      if (code == DriverLibrary.INVALID_VALUE) {
        return null;
      }
      DriverLibrary.check(code, "cuFuncGetParamInfo");
      return new Parameter(out.get(JAVA_LONG, 0), out.get(JAVA_LONG, 8));
    }
  }
}
