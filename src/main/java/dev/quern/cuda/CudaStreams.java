package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Streams and events of the CUDA driver API. */
public final class CudaStreams {
  private static final MethodHandle STREAM_CREATE = DriverLibrary.CUDA.bind("cuStreamCreate", 2);
  private static final MethodHandle STREAM_DESTROY =
      DriverLibrary.CUDA.bind("cuStreamDestroy_v2", 1);
  private static final MethodHandle STREAM_SYNCHRONIZE =
      DriverLibrary.CUDA.bind("cuStreamSynchronize", 1);
  private static final MethodHandle EVENT_CREATE = DriverLibrary.CUDA.bind("cuEventCreate", 2);
  private static final MethodHandle EVENT_DESTROY = DriverLibrary.CUDA.bind("cuEventDestroy_v2", 1);
  private static final MethodHandle EVENT_RECORD = DriverLibrary.CUDA.bind("cuEventRecord", 2);
  private static final MethodHandle EVENT_SYNCHRONIZE =
      DriverLibrary.CUDA.bind("cuEventSynchronize", 1);
  private static final MethodHandle EVENT_QUERY = DriverLibrary.CUDA.bind("cuEventQuery", 1);
  private static final MethodHandle EVENT_ELAPSED =
      DriverLibrary.CUDA.bind("cuEventElapsedTime", 3);

  private CudaStreams() {}

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
      DriverLibrary.check(code, "cuStreamCreate");
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
    DriverLibrary.check(code, "cuStreamDestroy_v2");
  }

  public static void streamSynchronize(long stream) {
    int code;
    try {
      code = (int) STREAM_SYNCHRONIZE.invokeExact(stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuStreamSynchronize");
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
      DriverLibrary.check(code, "cuEventCreate");
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
    DriverLibrary.check(code, "cuEventDestroy_v2");
  }

  public static void eventRecord(long event, long stream) {
    int code;
    try {
      code = (int) EVENT_RECORD.invokeExact(event, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuEventRecord");
  }

  public static void eventSynchronize(long event) {
    int code;
    try {
      code = (int) EVENT_SYNCHRONIZE.invokeExact(event);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuEventSynchronize");
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
      DriverLibrary.check(code, "cuEventElapsedTime");
      return out.get(JAVA_FLOAT, 0);
    }
  }

  /** Whether everything recorded before the event is done. */
  public static boolean tryEventDone(long event) {
    int code;
    try {
      code = (int) EVENT_QUERY.invokeExact(event);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    if (code == DriverLibrary.NOT_READY) {
      return false;
    }
    DriverLibrary.check(code, "cuEventQuery");
    return true;
  }
}
