package dev.quern.cuda;

/** A call into NCCL that failed. */
public final class NcclException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** ncclResult_t, by code. */
  private static final String[] NAMES = {
    "ncclSuccess",
    "ncclUnhandledCudaError",
    "ncclSystemError",
    "ncclInternalError",
    "ncclInvalidArgument",
    "ncclInvalidUsage",
    "ncclRemoteError",
    "ncclInProgress",
    "ncclTimeout",
  };

  private final int code;

  /**
   * @param text what NCCL says of the code
   * @param detail what NCCL says of its last error, or empty
   */
  NcclException(int code, String text, String detail, String call) {
    super(
        "%s failed: %s (%d): %s%s"
            .formatted(
                call, name(code), code, text, detail.isBlank() ? "" : "; " + detail.strip()));
    this.code = code;
  }

  /** The ncclResult_t. */
  public int code() {
    return code;
  }

  private static String name(int code) {
    return code >= 0 && code < NAMES.length ? NAMES[code] : "unknown";
  }
}
