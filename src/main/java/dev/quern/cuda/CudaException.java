package dev.quern.cuda;

/** A call into the CUDA driver that failed. */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final boolean contextLost;

  CudaException(int code, String name, String text, String call) {
    super(call + " failed: " + name + " (" + code + "): " + text);
    this.code = code;
    this.contextLost = isSticky(code);
  }

  /** The driver's CUresult. */
  public int code() {
    return code;
  }

  /** The context is lost: every further call fails, and the engine must end. */
  public boolean contextLost() {
    return contextLost;
  }

  /** CUDA_ERROR_OUT_OF_MEMORY. */
  public boolean outOfMemory() {
    return code == 2;
  }

  /**
   * Errors after which a context is of no use (cuda.h: "the context cannot be used"): faults of a
   * kernel and of the hardware. An unknown code counts as one.
   */
  private static boolean isSticky(int code) {
    return switch (code) {
      // invalid value, out of memory, not initialized, no device, invalid device, invalid image,
      // invalid context, file and
      // symbol not found, invalid handle, not ready, launch out of resources, peer access, stream
      // capture (900-910)
      case 1,
          2,
          3,
          100,
          101,
          200,
          201,
          209,
          218,
          222,
          300,
          301,
          400,
          401,
          500,
          600,
          701,
          704,
          705 ->
          false;
      case 712, 713, 801, 802, 803, 804 -> false;
      default -> code < 900 || code > 910;
    };
  }
}
