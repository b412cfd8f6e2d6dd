package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quern.backend.DType;
import dev.quern.backend.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * A dense fp32 matrix in native memory; activations, logits and vectors are fp32 on the CPU.
 *
 * @param data the whole buffer that this is a view of
 * @param offset first element of the view in it
 */
record CpuTensor(MemorySegment data, long offset, int rows, int cols) implements Tensor {
  CpuTensor {
    if (rows < 0 || cols < 0 || (offset + (long) rows * cols) * Float.BYTES > data.byteSize()) {
      throw new IllegalArgumentException(
          "a ["
              + rows
              + ","
              + cols
              + "] view does not fit its buffer of "
              + data.byteSize()
              + " bytes");
    }
  }

  @Override
  public DType dtype() {
    return DType.F32;
  }

  @Override
  public CpuTensor rows(int from, int count) {
    if (from < 0 || count < 0 || from > rows - count) {
      throw new IndexOutOfBoundsException(
          "rows " + from + " … " + (from + count) + " of a tensor with " + rows);
    }
    return new CpuTensor(data, offset + (long) from * cols, count, cols);
  }

  @Override
  public CpuTensor shape(int newRows, int newCols) {
    if ((long) newRows * newCols > (long) rows * cols) {
      throw new IllegalArgumentException(
          "[" + newRows + "," + newCols + "] is larger than [" + rows + "," + cols + "]");
    }
    return new CpuTensor(data, offset, newRows, newCols);
  }

  /** Index in {@link #data} of the first element of a row. */
  long row(int row) {
    return offset + (long) row * cols;
  }

  /** Address of the first element, for loops that have checked their sizes. */
  long address() {
    if (!data.scope().isAlive()) {
      throw new IllegalStateException("the backend of this tensor is closed");
    }
    return data.address() + offset * Float.BYTES;
  }

  float get(int row, int col) {
    return data.getAtIndex(JAVA_FLOAT, row(row) + col);
  }

  void set(int row, int col, float value) {
    data.setAtIndex(JAVA_FLOAT, row(row) + col, value);
  }

  /** Copies a row into {@code target}, which holds at least {@link #cols} values. */
  void readRow(int row, float[] target) {
    MemorySegment.copy(data, JAVA_FLOAT, row(row) * Float.BYTES, target, 0, cols);
  }

  void writeRow(int row, float[] source) {
    MemorySegment.copy(source, 0, data, JAVA_FLOAT, row(row) * Float.BYTES, cols);
  }
}
