package dev.quern.checkpoint;

import dev.quern.checkpoint.TorchValue.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A strided view of a storage as row-major bytes. Views in order are slices; transposed ones and
 * others are copied off the heap. A view never has more elements than its storage, so that a few
 * bytes cannot be blown up.
 */
final class TorchView {
  private TorchView() {}

  static MemorySegment contiguous(Tensor tensor, MemorySegment storage) throws PickleException {
    long[] shape = tensor.shape();
    long[] strides = tensor.strides();
    long width = tensor.type().bits() / 8;
    long available = storage.byteSize() / width;
    long elements;
    long last = tensor.offset();
    try {
      elements = 1;
      for (long dimension : shape) elements = Math.multiplyExact(elements, dimension);
      for (int i = 0; i < shape.length && elements > 0; i++)
        last = Math.addExact(last, Math.multiplyExact(shape[i] - 1, strides[i]));
    } catch (ArithmeticException e) {
      throw new PickleException("its size overflows");
    }
    if (elements == 0) return storage.asSlice(0, 0);
    if (last >= available)
      throw new PickleException(
          "it reaches to element %d of a storage of %d".formatted(last, available));
    if (elements > available)
      throw new PickleException(
          "it repeats a storage of %d elements to %d".formatted(available, elements));
    if (inOrder(shape, strides)) return storage.asSlice(tensor.offset() * width, elements * width);
    return copy(tensor, storage, elements, width);
  }

  private static boolean inOrder(long[] shape, long[] strides) {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) return false;
      expected *= shape[i];
    }
    return true;
  }

  private static MemorySegment copy(
      Tensor tensor, MemorySegment storage, long elements, long width) {
    MemorySegment copy = Arena.ofAuto().allocate(elements * width);
    long[] shape = tensor.shape();
    long[] strides = tensor.strides();
    long[] index = new long[shape.length];
    long from = tensor.offset();
    for (long to = 0; to < elements; to++) {
      MemorySegment.copy(storage, from * width, copy, to * width, width);
      for (int i = shape.length - 1; i >= 0; i--) {
        from += strides[i];
        if (++index[i] < shape[i]) break;
        from -= strides[i] * shape[i];
        index[i] = 0;
      }
    }
    return copy.asReadOnly();
  }
}
