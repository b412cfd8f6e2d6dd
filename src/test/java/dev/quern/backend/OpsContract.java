package dev.quern.backend;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every backend must do, op by op: right against small references in double precision, at odd
 * shapes, whatever was in the outputs before, and the same bits whatever else is in the batch.
 */
public abstract class OpsContract
    implements LinearContract,
        RowOpsContract,
        RotationContract,
        AttentionContract,
        LogprobContract,
        SamplingContract {
  private Backend backend;

  /** A fresh backend; closed after the test. */
  protected abstract Backend open();

  @BeforeEach
  void openBackend() {
    backend = open();
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
