package dev.quern.backend.cpu;

import dev.quern.backend.Backend;
import dev.quern.backend.OpsContract;

final class ScalarOpsTest extends OpsContract {
  @Override
  protected Backend open() {
    return CpuBackend.scalar(2);
  }
}
