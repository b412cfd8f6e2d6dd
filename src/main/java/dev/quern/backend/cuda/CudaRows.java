package dev.quern.backend.cuda;

import dev.quern.backend.Activation;
import dev.quern.backend.Batch;
import dev.quern.backend.DType;
import dev.quern.backend.Norm;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;

/** Ops that move, combine or treat each row by itself: rows.cu, norm.cu, activation.cu. */
final class CudaRows {
  private static final int ROW_THREADS = 256;
  private static final int ELEMENT_BLOCKS = 1024;

  private final StepInputs inputs;
  private final KernelModule kernels;
  private final long stream;

  CudaRows(StepInputs inputs, KernelModule kernels, long stream) {
    this.inputs = inputs;
    this.kernels = kernels;
    this.stream = stream;
  }

  private Kernel kernel(String name, DType dtype, String parameters) {
    return kernels.kernel(name, dtype, parameters);
  }

  private static long address(Tensor tensor) {
    return CudaTensor.addressOf(tensor);
  }

  void embed(CudaTensor x, Weight table, float scale, Batch batch) {
    kernel("embed", x.dtype(), "pppiif")
        .pointer(address(x))
        .pointer(((CudaWeight) table).address())
        .pointer(inputs.inputs(batch).tokenIds())
        .integer(x.cols())
        .integer(table.rows())
        .real(scale)
        .launch(x.rows(), 1, 1, ROW_THREADS, 0, stream);
  }

  void addPositions(CudaTensor x, Weight table, int offset, Batch batch) {
    kernel("add_positions", x.dtype(), "pppiii")
        .pointer(address(x))
        .pointer(((CudaWeight) table).address())
        .pointer(inputs.inputs(batch).positions())
        .integer(x.cols())
        .integer(table.rows())
        .integer(offset)
        .launch(x.rows(), 1, 1, ROW_THREADS, 0, stream);
  }

  void norm(CudaTensor y, CudaTensor x, Norm norm) {
    kernel("norm", x.dtype(), "ppppiffi")
        .pointer(address(y))
        .pointer(address(x))
        .pointer(address(norm.weight()))
        .pointer(address(norm.bias()))
        .integer(x.cols())
        .real(norm.eps())
        .real(norm.weightOffset())
        .integer(norm.kind() == Norm.Kind.LAYER ? 1 : 0)
        .launch(x.rows(), 1, 1, normThreads(x), 0, stream);
  }

  /** One a 16-byte pack, or one an element where rows are no whole packs. */
  private static int normThreads(Tensor x) {
    int pack = 16 / x.dtype().bytes();
    int units = x.cols() % pack == 0 ? x.cols() / pack : x.cols();
    return Math.min(1024, Math.ceilDiv(units, 32) * 32);
  }

  void activation(CudaTensor y, CudaTensor x, Activation activation, Tensor parameters) {
    if (activation == Activation.XIELU) {
      kernel("xielu", y.dtype(), "pppi")
          .pointer(address(y))
          .pointer(address(x))
          .pointer(address(parameters))
          .integer(y.cols())
          .launch(y.rows(), Math.ceilDiv(y.cols(), ROW_THREADS), 1, ROW_THREADS, 0, stream);
      return;
    }
    elementwise("activation", y, x, activation, ROW_THREADS);
  }

  void gatedActivation(CudaTensor y, CudaTensor x, Activation activation) {
    if (activation == Activation.XIELU) {
      throw new IllegalArgumentException("XIELU has parameters");
    }
    elementwise("gated_activation", y, x, activation, 8 * ROW_THREADS);
  }

  private void elementwise(
      String name, CudaTensor y, CudaTensor x, Activation activation, int blockElements) {
    kernel(name, y.dtype(), "ppii")
        .pointer(address(y))
        .pointer(address(x))
        .integer(y.cols())
        .integer(activation.ordinal())
        .launch(y.rows(), Math.ceilDiv(y.cols(), blockElements), 1, ROW_THREADS, 0, stream);
  }

  void add(CudaTensor y, CudaTensor x, float alpha) {
    long n = y.elements();
    kernel("add", y.dtype(), "ppfl")
        .pointer(address(y))
        .pointer(address(x))
        .real(alpha)
        .integer64(n)
        .launch(elementBlocks(n), 1, 1, ROW_THREADS, 0, stream);
  }

  private static int elementBlocks(long elements) {
    return (int) Math.min(ELEMENT_BLOCKS, Math.ceilDiv(elements, ROW_THREADS));
  }

  void gatherRows(CudaTensor y, CudaTensor x, Batch batch, int fromRow) {
    kernel("gather_rows", y.dtype(), "pppii")
        .pointer(address(y))
        .pointer(address(x))
        .pointer(inputs.inputs(batch).logitRows())
        .integer(fromRow)
        .integer(y.cols())
        .launch(y.rows(), 1, 1, ROW_THREADS, 0, stream);
  }

  void scaleSoftcap(CudaTensor logits, float scale, float cap) {
    long n = logits.elements();
    kernels
        .kernel("scale_softcap", "pffl")
        .begin()
        .pointer(address(logits))
        .real(scale)
        .real(cap)
        .integer64(n)
        .launch(elementBlocks(n), 1, 1, ROW_THREADS, 0, stream);
  }

  void feedTokens(Batch batch, Batch previous) {
    DeviceBatch device = inputs.inputs(batch);
    int rows = StepInputs.paddedRows(batch);
    kernels
        .kernel("feed_tokens", "pppi")
        .begin()
        .pointer(device.tokenIds())
        .pointer(device.feedRows())
        .pointer(inputs.sampling(previous).results().nextTokens())
        .integer(rows)
        .launch(Math.ceilDiv(rows, ROW_THREADS), 1, 1, ROW_THREADS, 0, stream);
  }
}
