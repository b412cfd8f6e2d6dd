package dev.quern.backend.cpu;

import dev.quern.backend.DType;
import dev.quern.backend.WeightPart;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Reads pieces of the rows of one {@link WeightPart} as bit patterns of the wanted type. Stored
 * data is little-endian and may lie at any address.
 */
final class PartReader {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final WeightPart part;
  private final DType dtype;
  private final RandomBits randomBits;

  PartReader(WeightPart part, DType dtype) {
    this.part = part;
    this.dtype = dtype;
    randomBits =
        part instanceof WeightPart.Random random ? RandomBits.of(dtype, random.scale()) : null;
  }

  /** Reads columns {@code from … from+count-1} of one row of the part into {@code target}. */
  void read(int row, int from, int count, int[] target, int offset) {
    switch (part) {
      case WeightPart.Stored stored -> readStored(stored, row, from, count, target, offset);
      case WeightPart.Random random ->
          randomBits.read(random.seed(), (long) row * random.cols() + from, count, target, offset);
      case WeightPart.Constant constant -> {
        int bits = Bits.fromFloat(dtype, constant.value());
        for (int i = 0; i < count; i++) {
          target[offset + i] = bits;
        }
      }
    }
  }

  private void readStored(
      WeightPart.Stored stored, int row, int from, int count, int[] target, int offset) {
    MemorySegment data = stored.data();
    DType type = stored.dtype();
    int storedRow = stored.storedRow(row);
    long first =
        stored.transposed()
            ? (long) from * stored.storedCols() + storedRow
            : (long) storedRow * stored.storedCols() + from;
    long step = stored.transposed() ? stored.storedCols() : 1;
    if (type == DType.F32) {
      for (int i = 0; i < count; i++) {
        target[offset + i] = data.get(INT, (first + i * step) * Integer.BYTES);
      }
    } else {
      for (int i = 0; i < count; i++) {
        target[offset + i] = data.get(SHORT, (first + i * step) * Short.BYTES) & 0xffff;
      }
    }
    if (type != dtype) {
      for (int i = offset; i < offset + count; i++) {
        target[i] = Bits.fromFloat(dtype, Bits.toFloat(type, target[i]));
      }
    }
  }
}
