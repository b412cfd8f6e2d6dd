package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * The CUDA driver API, as far as Quern uses it: devices and contexts here, all else in the classes
 * beside. Names are the versioned ones ({@code _v2}): the plain names in libcuda are an older ABI.
 * Everything required is in a 535 driver. Device addresses and opaque handles are {@code long}. A
 * method throws {@link CudaException} unless its name begins with {@code try}.
 */
public final class CudaDriver {
  private static final MethodHandle INIT = DriverLibrary.CUDA.bind("cuInit", 1);
  private static final MethodHandle DRIVER_VERSION =
      DriverLibrary.CUDA.bind("cuDriverGetVersion", 1);
  private static final MethodHandle DEVICE_COUNT = DriverLibrary.CUDA.bind("cuDeviceGetCount", 1);
  private static final MethodHandle DEVICE_GET = DriverLibrary.CUDA.bind("cuDeviceGet", 2);
  private static final MethodHandle DEVICE_NAME = DriverLibrary.CUDA.bind("cuDeviceGetName", 3);
  private static final MethodHandle DEVICE_ATTRIBUTE =
      DriverLibrary.CUDA.bind("cuDeviceGetAttribute", 3);
  private static final MethodHandle CONTEXT_RETAIN =
      DriverLibrary.CUDA.bind("cuDevicePrimaryCtxRetain", 2);
  private static final MethodHandle CONTEXT_RELEASE =
      DriverLibrary.CUDA.bind("cuDevicePrimaryCtxRelease_v2", 1);
  private static final MethodHandle CONTEXT_SET = DriverLibrary.CUDA.bind("cuCtxSetCurrent", 1);

  private CudaDriver() {}

  /**
   * Initialises the driver; first of all calls.
   *
   * @throws NativeLibraryException where it lacks a function that is needed later
   */
  public static void init() {
    bindAll();
    int code;
    try {
      code = (int) INIT.invokeExact(0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuInit");
  }

  /** The CUDA version the driver supports, such as 13000. */
  public static int driverVersion() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) DRIVER_VERSION.invokeExact(out.address());
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDriverGetVersion");
      return out.get(JAVA_INT, 0);
    }
  }

  public static int deviceCount() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) DEVICE_COUNT.invokeExact(out.address());
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDeviceGetCount");
      return out.get(JAVA_INT, 0);
    }
  }

  /** The device of an ordinal. */
  public static int device(int ordinal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) DEVICE_GET.invokeExact(out.address(), (long) ordinal);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDeviceGet");
      return out.get(JAVA_INT, 0);
    }
  }

  /** A CUdevice_attribute. */
  public static int deviceAttribute(int attribute, int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) DEVICE_ATTRIBUTE.invokeExact(out.address(), (long) attribute, (long) device);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDeviceGetAttribute");
      return out.get(JAVA_INT, 0);
    }
  }

  /** Retains the device's primary context. */
  public static long retainContext(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) CONTEXT_RETAIN.invokeExact(out.address(), (long) device);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDevicePrimaryCtxRetain");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void releaseContext(int device) {
    int code;
    try {
      code = (int) CONTEXT_RELEASE.invokeExact((long) device);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuDevicePrimaryCtxRelease_v2");
  }

  /** Makes the context current on this thread (an OS thread; never a virtual one). */
  public static void setContext(long context) {
    int code;
    try {
      code = (int) CONTEXT_SET.invokeExact(context);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuCtxSetCurrent");
  }

  /** The device's name. */
  public static String deviceName(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(256);
      int code;
      try {
        code = (int) DEVICE_NAME.invokeExact(out.address(), 256L, (long) device);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDeviceGetName");
      return out.getString(0);
    }
  }

  private static void bindAll() {
    try {
      for (Class<?> bindings :
          List.of(CudaMemory.class, CudaStreams.class, CudaModules.class, CudaGraphs.class)) {
        MethodHandles.lookup().ensureInitialized(bindings);
      }
    } catch (IllegalAccessException broken) {
      throw new AssertionError(broken);
    }
  }
}
