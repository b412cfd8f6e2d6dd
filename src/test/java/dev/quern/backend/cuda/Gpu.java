package dev.quern.backend.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** For tests that need a GPU: they skip and say why where there is none. */
public final class Gpu {
  private Gpu() {}

  public static void assume() {
    if (CudaProbe.get() instanceof CudaProbe.Unavailable(String reason)) {
      assumeTrue(false, "needs a GPU: " + reason);
    }
  }
}
