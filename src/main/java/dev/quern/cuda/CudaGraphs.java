package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Recording of streams as graphs, and their launches, of the CUDA driver API. */
public final class CudaGraphs {
  private static final MethodHandle CAPTURE_BEGIN =
      DriverLibrary.CUDA.bind("cuStreamBeginCapture_v2", 2);
  private static final MethodHandle CAPTURE_END = DriverLibrary.CUDA.bind("cuStreamEndCapture", 2);
  private static final MethodHandle GRAPH_INSTANTIATE =
      DriverLibrary.CUDA.bind("cuGraphInstantiateWithFlags", 3);
  private static final MethodHandle GRAPH_DESTROY = DriverLibrary.CUDA.bind("cuGraphDestroy", 1);
  private static final MethodHandle GRAPH_EXEC_DESTROY =
      DriverLibrary.CUDA.bind("cuGraphExecDestroy", 1);
  private static final MethodHandle GRAPH_LAUNCH = DriverLibrary.CUDA.bind("cuGraphLaunch", 2);

  private CudaGraphs() {}

  /** Records what this thread puts on the stream instead of running it. */
  public static void captureBegin(long stream) {
    int code;
    try {
      code = (int) CAPTURE_BEGIN.invokeExact(stream, 1L);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuStreamBeginCapture_v2");
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
      DriverLibrary.check(code, "cuStreamEndCapture");
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
      DriverLibrary.check(code, "cuGraphInstantiateWithFlags");
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
    DriverLibrary.check(code, "cuGraphDestroy");
  }

  public static void graphExecDestroy(long exec) {
    int code;
    try {
      code = (int) GRAPH_EXEC_DESTROY.invokeExact(exec);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuGraphExecDestroy");
  }

  public static void graphLaunch(long exec, long stream) {
    int code;
    try {
      code = (int) GRAPH_LAUNCH.invokeExact(exec, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    DriverLibrary.check(code, "cuGraphLaunch");
  }
}
