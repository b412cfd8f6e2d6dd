package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.backend.WeightPart;
import dev.quern.cuda.CudaStreams;
import dev.quern.files.ColdReads;
import java.util.List;

/**
 * Brings the parts of a weight to their rows in device memory: as they are where they can be, else
 * through a staging range. All on a stream of its own, so that a model comes in while another runs.
 */
final class CudaWeights implements AutoCloseable {
  private static final int THREADS = 256;
  private static final int BLOCKS = 2048;

  private final KernelModule kernels;
  private final long stream;
  private final HostCopies copies;
  private final DeviceRange staging;

  CudaWeights(int device, long context, KernelModule kernels, long mostBytes, ColdReads coldReads) {
    this.kernels = kernels;
    stream = CudaStreams.streamCreate();
    copies = new HostCopies(context, stream, coldReads);
    staging = new DeviceRange(device, mostBytes, 1);
  }

  /** Fills [rows,cols] of {@code dtype} at {@code address}, the parts' rows one after the other. */
  void place(long address, DType dtype, List<WeightPart> parts) {
    long to = address;
    for (WeightPart part : parts) {
      long elements = (long) part.rows() * part.cols();
      switch (part) {
        case WeightPart.Stored stored -> place(to, dtype, stored);
        case WeightPart.Random random ->
            kernels
                .kernel("fill_random", "pillf")
                .begin()
                .pointer(to)
                .integer(dtype.ordinal())
                .integer64(elements)
                .integer64(random.seed())
                .real(random.scale())
                .launch(BLOCKS, 1, 1, THREADS, 0, stream);
        case WeightPart.Constant constant ->
            kernels
                .kernel("fill_constant", "pilf")
                .begin()
                .pointer(to)
                .integer(dtype.ordinal())
                .integer64(elements)
                .real(constant.value())
                .launch(BLOCKS, 1, 1, THREADS, 0, stream);
      }
      to += elements * dtype.bytes();
    }
  }

  private void place(long to, DType dtype, WeightPart.Stored part) {
    long rowBytes = (long) part.storedCols() * part.dtype().bytes();
    if (!part.transposed() && part.dtype() == dtype && part.blocks() == 1) {
      long from = part.firstRow() * rowBytes;
      copies.copy(
          to,
          part.data().asSlice(from, part.rows() * rowBytes),
          part.file() == null ? null : part.file().plus(from));
      return;
    }
    if (part.data().byteSize() > staging.backedBytes()) {
      staging.grow(part.data().byteSize());
    }
    copies.copy(staging.address(), part.data(), part.file());
    copies.flush();
    kernels
        .kernel("place_rows", "pipiliiiiii")
        .begin()
        .pointer(to)
        .integer(dtype.ordinal())
        .pointer(staging.address())
        .integer(part.dtype().ordinal())
        .integer64(part.rows())
        .integer(part.cols())
        .integer(part.storedCols())
        .integer(part.firstRow())
        .integer(part.blockRows())
        .integer(part.strideRows())
        .integer(part.transposed() ? 1 : 0)
        .launch(BLOCKS, 1, 1, THREADS, 0, stream);
  }

  /** Waits until all is in its place. */
  void finish() {
    copies.flush();
    CudaStreams.streamSynchronize(stream);
  }

  long directBytes() {
    return copies.directBytes();
  }

  @Override
  public void close() {
    copies.close();
    staging.close();
    CudaStreams.streamDestroy(stream);
  }
}
