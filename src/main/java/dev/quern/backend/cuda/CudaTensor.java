package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.backend.Tensor;

/** A dense matrix at a device address. */
record CudaTensor(long address, DType dtype, int rows, int cols) implements Tensor {
  @Override
  public CudaTensor rows(int from, int count) {
    if (from < 0 || count < 0 || from + count > rows) {
      throw new IndexOutOfBoundsException(
          "rows %d+%d of a tensor of %d rows".formatted(from, count, rows));
    }
    return from == 0 && count == rows
        ? this
        : new CudaTensor(address + (long) from * cols * dtype.bytes(), dtype, count, cols);
  }

  @Override
  public CudaTensor shape(int newRows, int newCols) {
    if (newRows == rows && newCols == cols) {
      return this;
    }
    if ((long) newRows * newCols > elements()) {
      throw new IndexOutOfBoundsException(
          "%d × %d of a tensor of %d × %d".formatted(newRows, newCols, rows, cols));
    }
    return new CudaTensor(address, dtype, newRows, newCols);
  }

  long elements() {
    return (long) rows * cols;
  }
}
