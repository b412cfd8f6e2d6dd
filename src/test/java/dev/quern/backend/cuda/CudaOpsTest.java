package dev.quern.backend.cuda;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.LogprobContract;
import dev.quern.backend.SamplingContract;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/**
 * The literal definitions of what comes after the last layer, on a GPU. The other ops are held
 * against the CPU's by {@code quern check}: their contract also asks for what only a CPU promises
 * (the same bits whatever else is in the batch, any size of KV block, weights of another type than
 * activations).
 */
@Tag("gpu")
final class CudaOpsTest implements LogprobContract, SamplingContract {
  private Backend backend;

  @BeforeAll
  static void needsAGpu() {
    Gpu.assume();
  }

  @BeforeEach
  void openBackend() {
    backend = CudaBackend.open(0, DType.F32);
  }

  @AfterEach
  void closeBackend() {
    backend.close();
  }

  @Override
  public Backend backend() {
    return backend;
  }
}
