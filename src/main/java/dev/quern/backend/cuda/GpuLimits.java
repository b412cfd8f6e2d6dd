package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.cuda.CudaMemory;
import dev.quern.cuda.CudaStreams;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a GPU does at most, measured now: medians of a few runs, on random data.
 *
 * @param copyBytesPerSecond on the device, read and written bytes counted
 * @param readBytesPerSecond by a kernel that only reads
 * @param bf16FlopsPerSecond of cuBLASLt's 8192³ product; 0 where the library is missing
 * @param pinnedBytesPerSecond from pinned host memory to the device
 */
public record GpuLimits(
    double copyBytesPerSecond,
    double readBytesPerSecond,
    double bf16FlopsPerSecond,
    double pinnedBytesPerSecond) {
  private static final long BUFFER_BYTES = 512L << 20;
  private static final int HOST_BYTES = 256 << 20;
  private static final int SIDE = 8192;
  private static final int RUNS = 9;

  static GpuLimits measure(int device, KernelModule kernels, int multiprocessors) {
    long stream = CudaStreams.streamCreate();
    try (DeviceArena memory = new DeviceArena(device, 3 * BUFFER_BYTES, 1);
        MatrixProducts products = new MatrixProducts(memory)) {
      long a = memory.allocate(BUFFER_BYTES);
      long b = memory.allocate(BUFFER_BYTES);
      random(kernels, a, stream);
      random(kernels, b, stream);
      double read =
          seconds(
              stream,
              () ->
                  kernels
                      .kernel("read_all", "plp")
                      .begin()
                      .pointer(a)
                      .integer64(BUFFER_BYTES / 16)
                      .pointer(b)
                      .launch(2 * multiprocessors, 1, 1, 512, 0, stream));
      long matrixBytes = 2L * SIDE * SIDE;
      CudaTensor x = new CudaTensor(a, DType.BF16, SIDE, SIDE);
      CudaWeight w = new CudaWeight(a + matrixBytes, DType.BF16, SIDE, SIDE);
      CudaTensor y = new CudaTensor(b, DType.BF16, SIDE, SIDE);
      boolean library = products.multiply(y, x, w, null, 1, false, stream);
      double product =
          library
              ? seconds(stream, () -> products.multiply(y, x, w, null, 1, false, stream))
              : Double.POSITIVE_INFINITY;
      double copy = seconds(stream, () -> CudaMemory.copyOnDevice(b, a, BUFFER_BYTES, stream));
      return new GpuLimits(
          2.0 * BUFFER_BYTES / copy,
          BUFFER_BYTES / read,
          2.0 * SIDE * SIDE * SIDE / product,
          pinned(b, stream));
    } finally {
      CudaStreams.streamDestroy(stream);
    }
  }

  /** The pinned rate alone. */
  static double pinned(int device) {
    long stream = CudaStreams.streamCreate();
    try (DeviceArena memory = new DeviceArena(device, HOST_BYTES, 1)) {
      return pinned(memory.allocate(HOST_BYTES), stream);
    } finally {
      CudaStreams.streamDestroy(stream);
    }
  }

  private static double pinned(long to, long stream) {
    long pinned = CudaMemory.hostAlloc(HOST_BYTES);
    double seconds = seconds(stream, () -> CudaMemory.copyToDevice(to, pinned, HOST_BYTES, stream));
    CudaMemory.hostFree(pinned);
    return HOST_BYTES / seconds;
  }

  private static void random(KernelModule kernels, long to, long stream) {
    kernels
        .kernel("fill_random", "pillf")
        .begin()
        .pointer(to)
        .integer(DType.BF16.ordinal())
        .integer64(BUFFER_BYTES / 2)
        .integer64(to)
        .real(1)
        .launch(2048, 1, 1, 256, 0, stream);
  }

  private static double seconds(long stream, Runnable work) {
    long start = CudaStreams.eventCreate(true);
    long end = CudaStreams.eventCreate(true);
    double[] times = new double[RUNS];
    for (int i = -2; i < RUNS; i++) {
      CudaStreams.eventRecord(start, stream);
      work.run();
      CudaStreams.eventRecord(end, stream);
      CudaStreams.eventSynchronize(end);
      if (i >= 0) {
        times[i] = CudaStreams.eventElapsed(start, end) / 1e3;
      }
    }
    CudaStreams.eventDestroy(start);
    CudaStreams.eventDestroy(end);
    Arrays.sort(times);
    return times[RUNS / 2];
  }

  /** For a report. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "copies %.2f TB/s on the device, reads %.2f TB/s, multiplies %.0f TFLOP/s in bfloat16,"
            + " takes %.1f GB/s of pinned memory",
        copyBytesPerSecond / 1e12,
        readBytesPerSecond / 1e12,
        bf16FlopsPerSecond / 1e12,
        pinnedBytesPerSecond / 1e9);
  }
}
