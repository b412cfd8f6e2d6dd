package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** What one GPU may do with another's memory. */
public final class CudaPeers {
  private static final MethodHandle CAN_ACCESS_PEER =
      DriverLibrary.CUDA.bind("cuDeviceCanAccessPeer", 3);

  private CudaPeers() {}

  /** Whether the device can read and write the peer's memory in place. */
  public static boolean canAccess(int device, int peer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8, 8);
      int code;
      try {
        code = (int) CAN_ACCESS_PEER.invokeExact(out.address(), (long) device, (long) peer);
      } catch (Throwable broken) {
        throw new AssertionError(broken);
      }
      DriverLibrary.check(code, "cuDeviceCanAccessPeer");
      return out.get(JAVA_INT, 0) != 0;
    }
  }
}
