package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The CUDA driver API, as far as Quern uses it. Names are the versioned ones ({@code _v2}): the
 * plain names in libcuda are an older ABI. Everything required is in a 535 driver. Device addresses
 * and opaque handles are {@code long}. A method throws {@link CudaException} unless its name begins
 * with {@code try}.
 */
public final class CudaDriver {
  private static final NativeLibrary CUDA =
      NativeLibrary.open(List.of("libcuda.so.1", "libcuda.so", "nvcuda.dll"));

  private static final MethodHandle INIT = CUDA.bind("cuInit", 1);
  private static final MethodHandle DRIVER_VERSION = CUDA.bind("cuDriverGetVersion", 1);
  private static final MethodHandle ERROR_NAME = CUDA.bind("cuGetErrorName", 2);
  private static final MethodHandle ERROR_STRING = CUDA.bind("cuGetErrorString", 2);
  private static final MethodHandle DEVICE_COUNT = CUDA.bind("cuDeviceGetCount", 1);
  private static final MethodHandle DEVICE_GET = CUDA.bind("cuDeviceGet", 2);
  private static final MethodHandle DEVICE_NAME = CUDA.bind("cuDeviceGetName", 3);
  private static final MethodHandle DEVICE_ATTRIBUTE = CUDA.bind("cuDeviceGetAttribute", 3);
  private static final MethodHandle CONTEXT_RETAIN = CUDA.bind("cuDevicePrimaryCtxRetain", 2);
  private static final MethodHandle CONTEXT_RELEASE = CUDA.bind("cuDevicePrimaryCtxRelease_v2", 1);
  private static final MethodHandle CONTEXT_SET = CUDA.bind("cuCtxSetCurrent", 1);
  private static final MethodHandle MEM_INFO = CUDA.bind("cuMemGetInfo_v2", 2);
  private static final MethodHandle MEM_GRANULARITY = CUDA.bind("cuMemGetAllocationGranularity", 3);
  private static final MethodHandle ADDRESS_RESERVE = CUDA.bind("cuMemAddressReserve", 5);
  private static final MethodHandle ADDRESS_FREE = CUDA.bind("cuMemAddressFree", 2);
  private static final MethodHandle MEM_CREATE = CUDA.bind("cuMemCreate", 4);
  private static final MethodHandle MEM_RELEASE = CUDA.bind("cuMemRelease", 1);
  private static final MethodHandle MEM_MAP = CUDA.bind("cuMemMap", 5);
  private static final MethodHandle MEM_UNMAP = CUDA.bind("cuMemUnmap", 2);
  private static final MethodHandle MEM_SET_ACCESS = CUDA.bind("cuMemSetAccess", 4);
  private static final MethodHandle HOST_ALLOC = CUDA.bind("cuMemHostAlloc", 3);
  private static final MethodHandle HOST_FREE = CUDA.bind("cuMemFreeHost", 1);
  private static final MethodHandle HOST_REGISTER = CUDA.bind("cuMemHostRegister_v2", 3);
  private static final MethodHandle HOST_UNREGISTER = CUDA.bind("cuMemHostUnregister", 1);
  private static final MethodHandle COPY_TO_DEVICE = CUDA.bind("cuMemcpyHtoDAsync_v2", 4);
  private static final MethodHandle COPY_TO_HOST = CUDA.bind("cuMemcpyDtoHAsync_v2", 4);
  private static final MethodHandle COPY_ON_DEVICE = CUDA.bind("cuMemcpyDtoDAsync_v2", 4);
  private static final MethodHandle SET_BYTES = CUDA.bind("cuMemsetD8Async", 4);
  private static final MethodHandle STREAM_CREATE = CUDA.bind("cuStreamCreate", 2);
  private static final MethodHandle STREAM_DESTROY = CUDA.bind("cuStreamDestroy_v2", 1);
  private static final MethodHandle STREAM_SYNCHRONIZE = CUDA.bind("cuStreamSynchronize", 1);
  private static final MethodHandle STREAM_WAIT_EVENT = CUDA.bind("cuStreamWaitEvent", 3);
  private static final MethodHandle EVENT_CREATE = CUDA.bind("cuEventCreate", 2);
  private static final MethodHandle EVENT_DESTROY = CUDA.bind("cuEventDestroy_v2", 1);
  private static final MethodHandle EVENT_RECORD = CUDA.bind("cuEventRecord", 2);
  private static final MethodHandle EVENT_SYNCHRONIZE = CUDA.bind("cuEventSynchronize", 1);
  private static final MethodHandle EVENT_QUERY = CUDA.bind("cuEventQuery", 1);
  private static final MethodHandle EVENT_ELAPSED = CUDA.bind("cuEventElapsedTime", 3);
  private static final MethodHandle MODULE_LOAD = CUDA.bind("cuModuleLoadData", 2);
  private static final MethodHandle MODULE_UNLOAD = CUDA.bind("cuModuleUnload", 1);
  private static final MethodHandle MODULE_FUNCTION = CUDA.bind("cuModuleGetFunction", 3);
  private static final MethodHandle FUNCTION_SET = CUDA.bind("cuFuncSetAttribute", 3);

  /** From CUDA 12.4 on: null before. */
  private static final MethodHandle FUNCTION_PARAM =
      CUDA.optional("cuFuncGetParamInfo", 4).orElse(null);

  private static final MethodHandle LAUNCH = CUDA.bind("cuLaunchKernel", 11);
  private static final MethodHandle LAUNCH_EX = CUDA.bind("cuLaunchKernelEx", 4);
  private static final MethodHandle CAPTURE_BEGIN = CUDA.bind("cuStreamBeginCapture_v2", 2);
  private static final MethodHandle CAPTURE_END = CUDA.bind("cuStreamEndCapture", 2);
  private static final MethodHandle GRAPH_INSTANTIATE = CUDA.bind("cuGraphInstantiateWithFlags", 3);
  private static final MethodHandle GRAPH_DESTROY = CUDA.bind("cuGraphDestroy", 1);
  private static final MethodHandle GRAPH_EXEC_DESTROY = CUDA.bind("cuGraphExecDestroy", 1);
  private static final MethodHandle GRAPH_LAUNCH = CUDA.bind("cuGraphLaunch", 2);

  private CudaDriver() {}

  // Each call stands alone in its try, and its code is checked outside: a CUDA error must never
  // look like a binding's.

  /** Initialises the driver; first of all calls. */
  public static void init() {
    int code;
    try {
      code = (int) INIT.invokeExact(0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuInit");
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
      check(code, "cuDriverGetVersion");
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
      check(code, "cuDeviceGetCount");
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
      check(code, "cuDeviceGet");
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
      check(code, "cuDeviceGetAttribute");
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
      check(code, "cuDevicePrimaryCtxRetain");
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
    check(code, "cuDevicePrimaryCtxRelease_v2");
  }

  /** Makes the context current on this thread (an OS thread; never a virtual one). */
  public static void setContext(long context) {
    int code;
    try {
      code = (int) CONTEXT_SET.invokeExact(context);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuCtxSetCurrent");
  }

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
      check(code, "cuMemAddressReserve");
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
    check(code, "cuMemAddressFree");
  }

  public static void releaseMemory(long handle) {
    int code;
    try {
      code = (int) MEM_RELEASE.invokeExact(handle);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemRelease");
  }

  public static void map(long address, long bytes, long handle) {
    int code;
    try {
      code = (int) MEM_MAP.invokeExact(address, bytes, 0L, handle, 0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemMap");
  }

  public static void unmap(long address, long bytes) {
    int code;
    try {
      code = (int) MEM_UNMAP.invokeExact(address, bytes);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemUnmap");
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
      check(code, "cuMemHostAlloc");
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
    check(code, "cuMemFreeHost");
  }

  public static void hostUnregister(long address) {
    int code;
    try {
      code = (int) HOST_UNREGISTER.invokeExact(address);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemHostUnregister");
  }

  public static void copyToDevice(long to, long from, long bytes, long stream) {
    int code;
    try {
      code = (int) COPY_TO_DEVICE.invokeExact(to, from, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemcpyHtoDAsync_v2");
  }

  public static void copyToHost(long to, long from, long bytes, long stream) {
    int code;
    try {
      code = (int) COPY_TO_HOST.invokeExact(to, from, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemcpyDtoHAsync_v2");
  }

  public static void copyOnDevice(long to, long from, long bytes, long stream) {
    int code;
    try {
      code = (int) COPY_ON_DEVICE.invokeExact(to, from, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemcpyDtoDAsync_v2");
  }

  public static void setBytes(long to, int value, long bytes, long stream) {
    int code;
    try {
      code = (int) SET_BYTES.invokeExact(to, (long) value, bytes, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuMemsetD8Async");
  }

  /** A stream that does not wait for the default stream. */
  public static long streamCreate() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) STREAM_CREATE.invokeExact(out.address(), 1L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "cuStreamCreate");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void streamDestroy(long stream) {
    int code;
    try {
      code = (int) STREAM_DESTROY.invokeExact(stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuStreamDestroy_v2");
  }

  public static void streamSynchronize(long stream) {
    int code;
    try {
      code = (int) STREAM_SYNCHRONIZE.invokeExact(stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuStreamSynchronize");
  }

  public static void streamWaitEvent(long stream, long event) {
    int code;
    try {
      code = (int) STREAM_WAIT_EVENT.invokeExact(stream, event, 0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuStreamWaitEvent");
  }

  /** An event; without timing it is cheaper. */
  public static long eventCreate(boolean timing) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) EVENT_CREATE.invokeExact(out.address(), timing ? 0L : 2L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "cuEventCreate");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void eventDestroy(long event) {
    int code;
    try {
      code = (int) EVENT_DESTROY.invokeExact(event);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuEventDestroy_v2");
  }

  public static void eventRecord(long event, long stream) {
    int code;
    try {
      code = (int) EVENT_RECORD.invokeExact(event, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuEventRecord");
  }

  public static void eventSynchronize(long event) {
    int code;
    try {
      code = (int) EVENT_SYNCHRONIZE.invokeExact(event);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuEventSynchronize");
  }

  /** Milliseconds between two events. */
  public static float eventElapsed(long start, long end) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) EVENT_ELAPSED.invokeExact(out.address(), start, end);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "cuEventElapsedTime");
      return out.get(JAVA_FLOAT, 0);
    }
  }

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
      check(code, "cuModuleLoadData");
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
    check(code, "cuModuleUnload");
  }

  /** A CUfunction_attribute. */
  public static void functionSet(long function, int attribute, int value) {
    int code;
    try {
      code = (int) FUNCTION_SET.invokeExact(function, (long) attribute, (long) value);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuFuncSetAttribute");
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
    check(code, "cuLaunchKernel");
  }

  /**
   * {@code config} is a CUlaunchConfig with attributes (clusters, programmatic dependent launch).
   */
  public static void launchEx(long config, long function, long parameters) {
    int code;
    try {
      code = (int) LAUNCH_EX.invokeExact(config, function, parameters, 0L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuLaunchKernelEx");
  }

  /** Records what this thread puts on the stream instead of running it. */
  public static void captureBegin(long stream) {
    int code;
    try {
      code = (int) CAPTURE_BEGIN.invokeExact(stream, 1L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuStreamBeginCapture_v2");
  }

  /** Ends recording: a graph. */
  public static long captureEnd(long stream) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) CAPTURE_END.invokeExact(stream, out.address());
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "cuStreamEndCapture");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static long graphInstantiate(long graph) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) GRAPH_INSTANTIATE.invokeExact(out.address(), graph, 0L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "cuGraphInstantiateWithFlags");
      return out.get(JAVA_LONG, 0);
    }
  }

  public static void graphDestroy(long graph) {
    int code;
    try {
      code = (int) GRAPH_DESTROY.invokeExact(graph);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuGraphDestroy");
  }

  public static void graphExecDestroy(long exec) {
    int code;
    try {
      code = (int) GRAPH_EXEC_DESTROY.invokeExact(exec);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuGraphExecDestroy");
  }

  public static void graphLaunch(long exec, long stream) {
    int code;
    try {
      code = (int) GRAPH_LAUNCH.invokeExact(exec, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "cuGraphLaunch");
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
      check(code, "cuDeviceGetName");
      return out.getString(0);
    }
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
      check(code, "cuMemGetInfo_v2");
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
      check(code, "cuMemGetAllocationGranularity");
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
      check(code, "cuMemCreate");
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
      check(code, "cuMemSetAccess");
    }
  }

  /**
   * Pins existing host memory; false where the system refuses it (FUSE mounts, sandboxes, memory
   * limits).
   */
  public static boolean tryHostRegister(long address, long bytes, boolean readOnly) {
    int code;
    try {
      // PORTABLE | READ_ONLY
      code = (int) HOST_REGISTER.invokeExact(address, bytes, readOnly ? 9L : 1L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    return code == 0;
  }

  /** Whether everything recorded before the event is done. */
  public static boolean tryEventDone(long event) {
    int code;
    try {
      code = (int) EVENT_QUERY.invokeExact(event);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    if (code == NOT_READY) {
      return false;
    }
    check(code, "cuEventQuery");
    return true;
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
      check(code, "cuModuleGetFunction " + name);
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
      if (code == INVALID_VALUE) {
        return null;
      }
      check(code, "cuFuncGetParamInfo");
      return new Parameter(out.get(JAVA_LONG, 0), out.get(JAVA_LONG, 8));
    }
  }

  private static final int INVALID_VALUE = 1;
  private static final int NOT_READY = 600;

  private static void check(int code, String call) {
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
