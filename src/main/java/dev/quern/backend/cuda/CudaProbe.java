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

  /** Why this build has no code for an available device, or null where it has. */
  static String lacksCodeFor(int ordinal) {
    return Answer.lacksCode(Toolkit.embedded(), ordinal);
  }

  /** Holds the one answer. */
  final class Answer {
    private static final CudaProbe ANSWER = ask();

    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
    private static final int COMPUTE_CAPABILITY_MAJOR = 75;
    private static final int COMPUTE_CAPABILITY_MINOR = 76;

    private Answer() {}

    private static String lacksCode(Toolkit toolkit, int ordinal) {
      int device = CudaDriver.device(ordinal);
      return toolkit.lacksCodeFor(
          CudaDriver.deviceAttribute(COMPUTE_CAPABILITY_MAJOR, device),
          CudaDriver.deviceAttribute(COMPUTE_CAPABILITY_MINOR, device));
    }

    private static CudaProbe ask() {
      Toolkit toolkit = Toolkit.embedded();
      if (toolkit == null || !KernelModule.embedded()) {
        return new Unavailable(
            "this build has no CUDA kernels: it was made without nvcc, or by ./quern where there"
                + " was no GPU; install the CUDA toolkit (12.8 or newer) and run ./mvnw package");
      }
      try {
        CudaDriver.init();
        int driver = CudaDriver.driverVersion();
        String refusal = toolkit.refusedBy(driver);
        if (refusal != null) {
          return new Unavailable(refusal);
        }
        int devices = CudaDriver.deviceCount();
        if (devices == 0) {
          return new Unavailable("the NVIDIA driver sees no GPU");
        }
        String missing = lacksCode(toolkit, 0);
        return missing == null ? new Available(devices, driver) : new Unavailable(missing);
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
