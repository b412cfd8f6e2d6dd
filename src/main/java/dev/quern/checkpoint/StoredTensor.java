package dev.quern.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A tensor of a checkpoint, row-major and little-endian.
 *
 * @param name its name in the file
 * @param shape its dimensions; none for a scalar
 * @param data exactly its bytes, mapped from the file and at any alignment
 * @param file where it lies
 * @param fileOffset where its bytes begin in the file
 */
public record StoredTensor(
    String name, StoredType type, long[] shape, MemorySegment data, Path file, long fileOffset) {
  /** The shape as a person reads it, such as {@code [576, 1536]}. */
  public String shapeText() {
    return java.util.Arrays.toString(shape);
  }
}
