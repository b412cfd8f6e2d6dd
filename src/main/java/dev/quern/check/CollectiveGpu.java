package dev.quern.check;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quern.backend.DType;
import dev.quern.cuda.CudaDriver;
import dev.quern.cuda.CudaMemory;
import dev.quern.cuda.CudaPeers;
import dev.quern.cuda.CudaStreams;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One GPU of a group that runs collectives: its context, a stream, and an input and an output that
 * all GPUs of the group can access. The calling thread gets the context where it needs it.
 */
final class CollectiveGpu {
  private static final long ALIGN_BYTES = 256;

  final int device;
  final long stream;
  private final long context;
  private long input;
  private long output;
  private long bytes;
  private long handle;

  CollectiveGpu(int ordinal) {
    device = CudaDriver.device(ordinal);
    context = CudaDriver.retainContext(device);
    makeCurrent();
    stream = CudaStreams.streamCreate();
  }

  void makeCurrent() {
    CudaDriver.setContext(context);
  }

  String name() {
    return CudaDriver.deviceName(device);
  }

  /** Makes the buffers; all GPUs of the group are there. */
  void allocate(List<CollectiveGpu> group, long inputBytes, long outputBytes) {
    makeCurrent();
    long outputAt = roundUp(inputBytes, ALIGN_BYTES);
    bytes = roundUp(outputAt + outputBytes, CudaMemory.granularity(device));
    input = CudaMemory.reserve(bytes);
    output = input + outputAt;
    handle = CudaMemory.createMemory(device, bytes);
    CudaMemory.map(input, bytes, handle);
    for (CollectiveGpu one : group) {
      if (one == this || CudaPeers.canAccess(one.device, device)) {
        CudaMemory.setAccess(input, bytes, one.device);
      }
    }
  }

  long input() {
    return input;
  }

  long output() {
    return output;
  }

  /** Writes the input, and NaN over the whole output. */
  void load(DType dtype, float[] values) {
    makeCurrent();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = encode(arena, dtype, values);
      CudaMemory.copyToDevice(input, copy.address(), copy.byteSize(), stream);
      CudaMemory.setBytes(output, 0xff, input + bytes - output, stream);
      CudaStreams.streamSynchronize(stream);
    }
  }

  /** The first elements of the output, once all that is on the stream is done. */
  float[] result(DType dtype, int count) {
    makeCurrent();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate((long) count * dtype.bytes(), 4);
      CudaMemory.copyToHost(copy.address(), output, copy.byteSize(), stream);
      CudaStreams.streamSynchronize(stream);
      return decode(copy, dtype, count);
    }
  }

  void close() {
    makeCurrent();
    CudaStreams.streamSynchronize(stream);
    CudaMemory.unmap(input, bytes);
    CudaMemory.releaseMemory(handle);
    CudaMemory.unreserve(input, bytes);
    CudaStreams.streamDestroy(stream);
    CudaDriver.releaseContext(device);
  }

  /** Values of the type ({@link Values#round}) as it stores them. */
  static MemorySegment encode(Arena arena, DType dtype, float[] values) {
    MemorySegment to = arena.allocate((long) values.length * dtype.bytes(), 4);
    for (int i = 0; i < values.length; i++) {
      switch (dtype) {
        case F32 -> to.setAtIndex(JAVA_FLOAT, i, values[i]);
        case F16 -> to.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(values[i]));
        case BF16 ->
            to.setAtIndex(JAVA_SHORT, i, (short) (Float.floatToRawIntBits(values[i]) >>> 16));
      }
    }
    return to;
  }

  static float[] decode(MemorySegment from, DType dtype, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (dtype) {
            case F32 -> from.getAtIndex(JAVA_FLOAT, i);
            case F16 -> Float.float16ToFloat(from.getAtIndex(JAVA_SHORT, i));
            case BF16 -> Float.intBitsToFloat(from.getAtIndex(JAVA_SHORT, i) << 16);
          };
    }
    return values;
  }

  private static long roundUp(long value, long to) {
    return Math.ceilDiv(value, to) * to;
  }
}
