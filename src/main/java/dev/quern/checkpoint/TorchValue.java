package dev.quern.checkpoint;

import java.util.List;
import java.util.Map;

/** What a pickle of torch may hold, as far as tensors need it. */
sealed interface TorchValue {
  /** {@code None}. */
  enum None implements TorchValue {
    NONE
  }

  record Bool(boolean value) implements TorchValue {}

  record Int(long value) implements TorchValue {}

  record Real(double value) implements TorchValue {}

  record Text(String value) implements TorchValue {}

  /** An integer of more than 64 bits, which only the magic number of old files is. */
  record Big(java.math.BigInteger value) implements TorchValue {}

  record Tuple(List<TorchValue> items) implements TorchValue {}

  record Items(List<TorchValue> items) implements TorchValue {}

  /** A dict or OrderedDict; keys are texts, integers, booleans or None. */
  record Dict(Map<TorchValue, TorchValue> entries) implements TorchValue {}

  /** A name that a pickle imports, of those that are allowed. */
  record Global(String name) implements TorchValue {}

  /**
   * A run of bytes that tensors look at.
   *
   * @param type of its elements; null where only bytes are known
   * @param key names it in the file
   * @param elements how many, or bytes where the type is null
   */
  record Storage(StoredType type, String key, long elements) implements TorchValue {
    long bytes() {
      return type == null ? elements : Math.multiplyExact(elements, (long) type.bits() / 8);
    }
  }

  /**
   * A view of a storage.
   *
   * @param offset of the first element, in elements
   * @param strides in elements
   */
  record Tensor(Storage storage, StoredType type, long offset, long[] shape, long[] strides)
      implements TorchValue {}
}
