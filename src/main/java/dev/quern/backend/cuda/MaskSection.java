package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quern.backend.Sampling;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The allowed sets, banned ids and biases of a step's rows, packed behind each other: for each row
 * the number of its set or -1, the sets, and where each row's banned ids and biases start.
 */
final class MaskSection {
  private UploadBuffer buffer;

  /** 64-bit words of an allowed set; ids beyond are not allowed. */
  private int words;

  private long allowed;
  private long sets;
  private long bannedStarts;
  private long banned;
  private long biasStarts;
  private long biasIds;
  private long biasValues;

  /** Packs the settings of {@code rows} rows; false where none has any. */
  boolean pack(UploadBuffer into, Sampling s, int rows) {
    buffer = into;
    words = 0;
    int setCount = 0;
    int bannedCount = 0;
    int biasCount = 0;
    for (int r = 0; r < rows; r++) {
      if (s.allowed[r] != null) {
        words = Math.max(words, s.allowed[r].length);
        setCount++;
      }
      bannedCount += s.banned[r] != null ? s.banned[r].length : 0;
      biasCount += s.biasIds[r] != null ? s.biasIds[r].length : 0;
    }
    if (setCount + bannedCount + biasCount == 0) {
      return false;
    }
    allowed = into.section(4L * rows);
    sets = into.section(8L * words * setCount);
    bannedStarts = into.section(4L * (rows + 1));
    banned = into.section(4L * bannedCount);
    biasStarts = into.section(4L * (rows + 1));
    biasIds = into.section(4L * biasCount);
    biasValues = into.section(4L * biasCount);
    packSets(into.block(), s, rows);
    packBanned(into.block(), s, rows);
    packBiases(into.block(), s, rows);
    return true;
  }

  private void packSets(MemorySegment b, Sampling s, int rows) {
    int count = 0;
    for (int r = 0; r < rows; r++) {
      b.set(JAVA_INT, allowed + 4L * r, s.allowed[r] != null ? count : -1);
      if (s.allowed[r] != null) {
        long[] set = Arrays.copyOf(s.allowed[r], words);
        MemorySegment.copy(set, 0, b, JAVA_LONG, sets + 8L * words * count++, words);
      }
    }
  }

  private void packBanned(MemorySegment b, Sampling s, int rows) {
    int count = 0;
    for (int r = 0; r < rows; r++) {
      b.set(JAVA_INT, bannedStarts + 4L * r, count);
      if (s.banned[r] != null) {
        int n = s.banned[r].length;
        MemorySegment.copy(s.banned[r], 0, b, JAVA_INT, banned + 4L * count, n);
        count += n;
      }
    }
    b.set(JAVA_INT, bannedStarts + 4L * rows, count);
  }

  private void packBiases(MemorySegment b, Sampling s, int rows) {
    int count = 0;
    for (int r = 0; r < rows; r++) {
      b.set(JAVA_INT, biasStarts + 4L * r, count);
      if (s.biasIds[r] != null) {
        int n = s.biasIds[r].length;
        MemorySegment.copy(s.biasIds[r], 0, b, JAVA_INT, biasIds + 4L * count, n);
        MemorySegment.copy(s.biasValues[r], 0, b, JAVA_FLOAT, biasValues + 4L * count, n);
        count += n;
      }
    }
    b.set(JAVA_INT, biasStarts + 4L * rows, count);
  }

  /** Sets the arguments of mask_logits that lie here. */
  Kernel arguments(Kernel kernel) {
    return kernel
        .pointer(buffer.device(allowed))
        .pointer(buffer.device(sets))
        .pointer(buffer.device(bannedStarts))
        .pointer(buffer.device(banned))
        .pointer(buffer.device(biasStarts))
        .pointer(buffer.device(biasIds))
        .pointer(buffer.device(biasValues));
  }

  int words() {
    return words;
  }
}
