package dev.quern.backend.cuda;

import dev.quern.cuda.CudaDriver;
import dev.quern.cuda.CudaException;
import dev.quern.cuda.NativeLibraryException;

/**
 * Whether CUDA can be used here, asked once: the library, a device, and kernels that this build
 * brings.
 */
public sealed interface CudaProbe {
  /** CUDA can be used on this many devices. */
  record Available(int devices, int driverVersion) implements CudaProbe {}

  /** It cannot, and why. */
  record Unavailable(String reason) implements CudaProbe {}

  /** The answer for this process. */
  static CudaProbe get() {
    return Answer.ANSWER;
  }

  /** Holds the one answer. */
  final class Answer {
    private static final CudaProbe ANSWER = ask();

    private Answer() {}

    private static CudaProbe ask() {
      if (!KernelModule.embedded()) {
        return new Unavailable(
            "this build has no CUDA kernels: it was made without nvcc; install the CUDA toolkit"
                + " (12.8 or newer) and build again");
      }
      try {
        CudaDriver.init();
        int devices = CudaDriver.deviceCount();
        return devices == 0
            ? new Unavailable("the NVIDIA driver sees no GPU")
            : new Available(devices, CudaDriver.driverVersion());
      } catch (CudaException e) {
        return new Unavailable("the NVIDIA driver does not start: " + e.getMessage());
      } catch (NativeLibraryException | NoClassDefFoundError e) {
        return new Unavailable("no NVIDIA driver: " + e.getMessage());
      } catch (ExceptionInInitializerError e) {
        return new Unavailable("no NVIDIA driver: " + e.getCause().getMessage());
      }
    }
  }
}
