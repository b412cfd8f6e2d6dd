package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Tensor;

/**
 * Matrix products. Those of few rows, which wait for the weights to be read, are our own
 * (linear.cu); of more rows cuBLASLt's, or our plain kernel where the library is missing or has no
 * algorithm. Where results may not depend on what else is in the batch, all are the plain kernel's:
 * one sum over K per output, in one order.
 */
final class CudaProducts {
  /** Above, cuBLASLt's are faster. */
  private static final int MAX_FEW_ROWS = 32;

  private final KernelModule kernels;
  private final MatrixProducts library;
  private final int multiprocessors;
  private final boolean batchInvariant;
  private final long stream;

  CudaProducts(
      KernelModule kernels,
      MatrixProducts library,
      int multiprocessors,
      boolean batchInvariant,
      long stream) {
    this.kernels = kernels;
    this.library = library;
    this.multiprocessors = multiprocessors;
    this.batchInvariant = batchInvariant;
    this.stream = stream;
  }

  /** Of so few rows that our own kernels are faster. */
  boolean fewRows(Tensor x, Linear linear) {
    return !batchInvariant
        && x.rows() <= MAX_FEW_ROWS
        && x.dtype() != DType.F32
        && linear.weight().cols() % 32 == 0;
  }

  void linear(CudaTensor y, CudaTensor x, Linear linear) {
    linear.check(y, x);
    if (fewRows(x, linear)) {
      fewRows(y, x, linear, 1, false);
      return;
    }
    CudaWeight w = (CudaWeight) linear.weight();
    if (!batchInvariant
        && library.multiply(y, x, w, (CudaTensor) linear.bias(), 1, false, stream)) {
      return;
    }
    String name = y.dtype() == x.dtype() ? "linear" : "linear_logits";
    arguments(kernel(name, x.dtype(), "ppppiii"), y, x, linear)
        .launch(Math.ceilDiv(w.rows(), 64), Math.ceilDiv(x.rows(), 64), 1, 256, 0, stream);
  }

  /**
   * Adds in the product's epilogue, so that y is read and written once and no second kernel starts;
   * false where that cannot be done.
   */
  boolean linearAdd(CudaTensor y, CudaTensor x, Linear linear, float alpha) {
    linear.check(y, x);
    if (fewRows(x, linear)) {
      fewRows(y, x, linear, alpha, true);
      return true;
    }
    return !batchInvariant
        && linear.bias() == null
        && library.multiply(y, x, (CudaWeight) linear.weight(), null, alpha, true, stream);
  }

  private void fewRows(CudaTensor y, CudaTensor x, Linear linear, float alpha, boolean add) {
    int rows = linear.weight().rows();
    boolean logits = y.dtype() != x.dtype();
    // With 16 rows a block a small matrix would leave multiprocessors idle.
    int tiles = logits || rows / 16 >= multiprocessors ? 2 : 1;
    String name = "linear_rows" + padded(x.rows()) + "x" + tiles + (logits ? "_logits" : "");
    arguments(kernel(name, x.dtype(), "ppppiiifi"), y, x, linear)
        .real(alpha)
        .integer(add ? 1 : 0)
        .launch(Math.ceilDiv(rows, 8 * tiles), 1, 1, 256, 0, stream);
  }

  /** Gate and up projections of few rows with their activation. */
  void gated(CudaTensor activated, CudaTensor x, Mlp mlp) {
    kernel("linear_gated" + padded(x.rows()), x.dtype(), "ppppiiii")
        .pointer(activated.address())
        .pointer(x.address())
        .pointer(((CudaWeight) mlp.up().weight()).address())
        .pointer(CudaTensor.addressOf(mlp.up().bias()))
        .integer(x.rows())
        .integer(mlp.ffnSize())
        .integer(mlp.up().weight().cols())
        .integer(mlp.activation().ordinal())
        .launch(Math.ceilDiv(mlp.ffnSize(), 8), 1, 1, 256, 0, stream);
  }

  private static int padded(int rows) {
    return rows <= 8 ? 8 : rows <= 16 ? 16 : 32;
  }

  private Kernel kernel(String name, DType dtype, String parameters) {
    return kernels.kernel(name, dtype, parameters);
  }

  private static Kernel arguments(Kernel kernel, CudaTensor y, CudaTensor x, Linear linear) {
    return kernel
        .pointer(y.address())
        .pointer(x.address())
        .pointer(((CudaWeight) linear.weight()).address())
        .pointer(CudaTensor.addressOf(linear.bias()))
        .integer(x.rows())
        .integer(linear.weight().rows())
        .integer(linear.weight().cols());
  }
}
