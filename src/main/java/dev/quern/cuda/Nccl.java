package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * The collectives of NCCL, as far as Quern uses them (nccl.h of 2.13 and later). Opened when first
 * used; the library takes its own settings from {@code NCCL_*} variables. A communicator is one
 * GPU's place in a group of GPUs, an opaque {@code long}. All GPUs are this process's, so {@code
 * ncclCommInitAll} makes them, and no id has to travel to other processes (as {@code
 * ncclCommInitRank} wants, by a struct passed by value).
 *
 * <p>Buffers may be read and written by the other GPUs of the group: mapped memory must be
 * accessible to all that can ({@link CudaPeers}).
 */
public final class Nccl {
  /** ncclDataType_t values. */
  public static final int FLOAT16 = 6;

  public static final int FLOAT32 = 7;
  public static final int BFLOAT16 = 9;

  private static final long SUM = 0; // ncclRedOp_t

  /** The array in which NCCL keeps the text of its last error. */
  private static final int TEXT_BYTES = 1024;

  private static final NativeLibrary LIBRARY =
      NativeLibrary.open(List.of("libnccl.so.2", "libnccl.so"));
  private static final MethodHandle VERSION = LIBRARY.bind("ncclGetVersion", 1);
  private static final MethodHandle ERROR_STRING = LIBRARY.bindPointer("ncclGetErrorString", 1);
  private static final MethodHandle LAST_ERROR = LIBRARY.bindPointer("ncclGetLastError", 1);
  private static final MethodHandle COMM_INIT_ALL = LIBRARY.bind("ncclCommInitAll", 3);
  private static final MethodHandle COMM_DESTROY = LIBRARY.bind("ncclCommDestroy", 1);
  private static final MethodHandle GROUP_START = LIBRARY.bind("ncclGroupStart", 0);
  private static final MethodHandle GROUP_END = LIBRARY.bind("ncclGroupEnd", 0);
  private static final MethodHandle ALL_REDUCE = LIBRARY.bind("ncclAllReduce", 7);
  private static final MethodHandle ALL_GATHER = LIBRARY.bind("ncclAllGather", 6);

  private Nccl() {}

  /** Such as 23007 for 2.30.7. */
  public static int version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) VERSION.invokeExact(out.address());
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "ncclGetVersion");
      return out.get(JAVA_INT, 0);
    }
  }

  /**
   * Communicators of the first {@code devices} GPUs, by ordinal; the driver must be initialised.
   */
  public static long[] commInitAll(int devices) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, Math.max(1, devices));
      int code;
      try {
        code = (int) COMM_INIT_ALL.invokeExact(out.address(), (long) devices, 0L);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      check(code, "ncclCommInitAll");
      return out.asSlice(0, 8L * devices).toArray(JAVA_LONG);
    }
  }

  /** Gives a communicator back; all that it was called for must be done. */
  public static void commDestroy(long communicator) {
    int code;
    try {
      code = (int) COMM_DESTROY.invokeExact(communicator);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "ncclCommDestroy");
  }

  /**
   * Puts collectives of several GPUs on their streams from one thread: a call of its own would wait
   * for those of the other GPUs. On return they are on the streams, not done.
   */
  public static void group(Runnable calls) {
    int start;
    try {
      start = (int) GROUP_START.invokeExact();
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(start, "ncclGroupStart");
    try {
      calls.run();
    } catch (RuntimeException | Error failed) {
      // The group must end in any case; what it says of a call that failed is known already.
      groupEnd();
      throw failed;
    }
    check(groupEnd(), "ncclGroupEnd");
  }

  private static int groupEnd() {
    try {
      return (int) GROUP_END.invokeExact();
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
  }

  /**
   * Puts the sum of the group's inputs into the output of each, element by element.
   *
   * @param to {@code count} elements; may be {@code from}
   * @param from {@code count} elements
   */
  public static void allReduceSum(
      long to, long from, long count, int type, long communicator, long stream) {
    int code;
    try {
      code = (int) ALL_REDUCE.invokeExact(from, to, count, (long) type, SUM, communicator, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "ncclAllReduce");
  }

  /**
   * Puts the inputs of the group's GPUs into the output of each, one after the other.
   *
   * @param to {@code count} elements for each GPU of the group
   * @param from {@code count} elements
   */
  public static void allGather(
      long to, long from, long count, int type, long communicator, long stream) {
    int code;
    try {
      code = (int) ALL_GATHER.invokeExact(from, to, count, (long) type, communicator, stream);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    check(code, "ncclAllGather");
  }

  private static void check(int code, String call) {
    if (code != 0) {
      throw new NcclException(code, text(ERROR_STRING, code), text(LAST_ERROR, 0), call);
    }
  }

  private static String text(MethodHandle function, long argument) {
    long address;
    try {
      address = (long) function.invokeExact(argument);
    } catch (Throwable broken) {
      throw new AssertionError(broken);
    }
    return address == 0
        ? ""
        : MemorySegment.ofAddress(address).reinterpret(TEXT_BYTES).getString(0);
  }
}
