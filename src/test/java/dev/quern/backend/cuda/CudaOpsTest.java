package dev.quern.backend.cuda;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.OpsContract;
import dev.quern.files.ColdReads;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The contract on a GPU, in each type of activations. Weights and KV cache have that type too, and
 * KV blocks one size. In fp32 only the plain kernels run; in the shorter types the fast ones, whose
 * order of summation depends on the batch, unless results are to be batch-invariant.
 */
@Tag("gpu")
@ParameterizedClass(name = "{0}, batch-invariant {1}")
@CsvSource({"F32, false", "F16, false", "BF16, false", "F16, true", "BF16, true"})
final class CudaOpsTest extends OpsContract {
  private final DType dtype;
  private final boolean batchInvariant;

  CudaOpsTest(DType dtype, boolean batchInvariant) {
    this.dtype = dtype;
    this.batchInvariant = batchInvariant;
  }

  @BeforeAll
  static void needsAGpu() {
    Gpu.assume();
  }

  @Override
  protected Backend open() {
    return CudaBackend.open(0, dtype, batchInvariant, ColdReads.DIRECT);
  }

  @Override
  public List<DType> heldTypes() {
    return List.of(dtype);
  }

  @Override
  public List<Integer> blockSizes() {
    return List.of(16);
  }

  @Override
  public double orderTolerance() {
    return dtype == DType.F32 || batchInvariant ? 0 : 2 * tolerance(0);
  }
}
