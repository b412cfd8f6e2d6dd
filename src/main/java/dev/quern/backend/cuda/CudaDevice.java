package dev.quern.backend.cuda;

import dev.quern.cuda.CudaDriver;
import dev.quern.cuda.CudaMemory;
import dev.quern.cuda.CudaStreams;

/** One GPU: its context, and the stream that steps run on. */
final class CudaDevice implements AutoCloseable {
  private static final int MULTIPROCESSORS = 16; // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT

  /** The driver's handle. */
  final int handle;

  final long context;
  final long stream;
  final int multiprocessors;

  /** What a person calls it, such as {@code cuda:0 (NVIDIA H100 80GB HBM3, 79 GiB)}. */
  final String description;

  /** Opens it, and makes its context the thread's. */
  CudaDevice(int ordinal) {
    handle = CudaDriver.device(ordinal);
    context = CudaDriver.retainContext(handle);
    enter();
    stream = CudaStreams.streamCreate();
    multiprocessors = CudaDriver.deviceAttribute(MULTIPROCESSORS, handle);
    double gib = CudaMemory.memoryInfo().totalBytes() / (double) (1 << 30);
    description = "cuda:%d (%s, %.0f GiB)".formatted(ordinal, CudaDriver.deviceName(handle), gib);
  }

  /** Makes the context the thread's. */
  void enter() {
    CudaDriver.setContext(context);
  }

  /** The same, and waits for all steps. */
  void finishSteps() {
    enter();
    CudaStreams.streamSynchronize(stream);
  }

  @Override
  public void close() {
    CudaStreams.streamDestroy(stream);
    CudaDriver.releaseContext(handle);
  }
}
