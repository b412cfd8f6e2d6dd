package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.quern.backend.DType;
import dev.quern.backend.WeightPart;
import dev.quern.cuda.CudaDriver;
import dev.quern.cuda.CudaMemory;
import dev.quern.files.ColdReads;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A device's weights: the range they lie in, and what brings them there. Threads, pinned memory and
 * staging of the loader live from the first weight to {@link #finish}.
 */
final class WeightStore implements AutoCloseable {
  private static final long CHUNK_BYTES = 128L << 20;

  private final int device;
  private final long context;
  private final KernelModule kernels;
  private final ColdReads coldReads;
  private final DeviceArena weights;
  private CudaWeights loader;
  private long directBytes;

  /** More weights follow. */
  private boolean bulk;

  WeightStore(int device, long context, KernelModule kernels, ColdReads coldReads) {
    this.device = device;
    this.context = context;
    this.kernels = kernels;
    this.coldReads = coldReads;
    weights = new DeviceArena(device, CudaMemory.memoryInfo().totalBytes(), CHUNK_BYTES);
  }

  CudaWeight matrix(String name, DType dtype, List<WeightPart> parts) {
    int rows = WeightPart.rows(name, parts);
    int cols = parts.getFirst().cols();
    long address = weights.allocate((long) rows * cols * dtype.bytes());
    place(address, dtype, parts);
    return new CudaWeight(address, dtype, rows, cols);
  }

  CudaTensor vector(String name, DType dtype, List<WeightPart> parts) {
    long length = 0;
    for (WeightPart part : parts) {
      part.check(name);
      length += (long) part.rows() * part.cols();
    }
    long address = weights.allocate(length * dtype.bytes());
    place(address, dtype, parts);
    return new CudaTensor(address, dtype, 1, Math.toIntExact(length));
  }

  CudaTensor constant(int rows, int cols, float[] values) {
    CudaTensor tensor = new CudaTensor(weights.allocate(4L * values.length), DType.F32, rows, cols);
    write(tensor, values);
    return tensor;
  }

  /** Puts values into a tensor, rounded to its type. */
  void write(CudaTensor tensor, float[] values) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment copy = arena.allocate(Math.max(4, 4L * values.length), 4);
      MemorySegment.copy(values, 0, copy, JAVA_FLOAT, 0, values.length);
      loader()
          .place(
              tensor.address(),
              tensor.dtype(),
              List.of(WeightPart.Stored.whole(copy, DType.F32, tensor.rows(), tensor.cols())));
      loader.finish();
    }
  }

  /** Weights that {@code load} hands over come in together. */
  void loading(Runnable load) {
    bulk = true;
    try {
      load.run();
    } finally {
      bulk = false;
      finish();
    }
  }

  private void place(long address, DType type, List<WeightPart> parts) {
    loader().place(address, type, parts);
    if (!bulk) {
      loader.finish();
    }
  }

  private CudaWeights loader() {
    CudaDriver.setContext(context);
    if (loader == null) {
      long mostBytes = CudaMemory.memoryInfo().totalBytes();
      loader = new CudaWeights(device, context, kernels, mostBytes, coldReads);
    }
    return loader;
  }

  /** Weights are in: the loader's pinned buffers and staging go back. */
  void finish() {
    if (loader != null) {
      CudaDriver.setContext(context);
      try {
        loader.finish();
        directBytes += loader.directBytes();
      } finally {
        loader.close();
        loader = null;
      }
    }
  }

  /** Bytes of files that were read past the page cache so far. */
  long directBytes() {
    return directBytes;
  }

  @Override
  public void close() {
    finish();
    weights.close();
  }
}
