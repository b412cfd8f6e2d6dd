package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quern.backend.DType;
import dev.quern.backend.Tensor;
import dev.quern.cuda.CudaMemory;
import dev.quern.cuda.CudaStreams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

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

  /** 0 for none. */
  static long addressOf(Tensor tensor) {
    return tensor == null ? 0 : ((CudaTensor) tensor).address();
  }

  long elements() {
    return (long) rows * cols;
  }

  /** The values, once all that is on the stream is done. */
  float[] values(long stream) {
    long bytes = elements() * dtype.bytes();
    float[] values = new float[Math.toIntExact(elements())];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(4, bytes), 4);
      CudaMemory.copyToHost(copy.address(), address, bytes, stream);
      CudaStreams.streamSynchronize(stream);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (dtype) {
              case F32 -> copy.getAtIndex(JAVA_FLOAT, i);
              case F16 -> Float.float16ToFloat(copy.getAtIndex(JAVA_SHORT, i));
              case BF16 -> Float.intBitsToFloat(copy.getAtIndex(JAVA_SHORT, i) << 16);
            };
      }
    }
    return values;
  }
}
