package dev.quern.engine;

import dev.quern.backend.DType;
import dev.quern.backend.Tensor;

/** Logits by row. */
record FakeTensor(float[][] values) implements Tensor {
  @Override
  public DType dtype() {
    return DType.F32;
  }

  @Override
  public int rows() {
    return values.length;
  }

  @Override
  public int cols() {
    return values[0].length;
  }

  @Override
  public Tensor rows(int from, int count) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Tensor shape(int rows, int cols) {
    throw new UnsupportedOperationException();
  }
}
