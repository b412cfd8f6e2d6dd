package dev.quern.backend;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every backend must do, op by op: right against small references in double precision, at odd
 * shapes, whatever was in the outputs before, and the same whatever else is in the batch: bit for
 * bit, or as near as {@link OpsFixture#orderTolerance} where a backend sums in several orders.
 */
public abstract class OpsContract
    implements WeightContract,
        LinearContract,
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
