package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.backend.Weight;

/** A matrix of the model in device memory, row-major as in the checkpoint. */
record CudaWeight(long address, DType dtype, int rows, int cols) implements Weight {
  @Override
  public long deviceBytes() {
    return (long) rows * cols * dtype.bytes();
  }
}
