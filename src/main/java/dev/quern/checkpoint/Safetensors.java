package dev.quern.checkpoint;

import dev.quern.checkpoint.SafetensorsHeader.Entry;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A safetensors file, mapped: 8 bytes with the header's length, the JSON header, then the bytes of
 * the tensors without gaps.
 *
 * <p>The bytes are never read into the heap. The mapping lives as long as any of its segments is
 * reachable, so there is nothing to close.
 */
public final class Safetensors {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MAX_STRING_BYTES = 16 << 20;

  private Safetensors() {}

  /**
   * The tensors of {@code file} in the order of their bytes.
   *
   * @throws CheckpointException when the file cannot be read or is malformed; the message names the
   *     file, the tensor and the reason
   */
  public static List<StoredTensor> open(Path file) {
    MemorySegment whole = MappedFile.map(file);
    if (whole.byteSize() < Long.BYTES)
      throw new CheckpointException(
          file + ": " + whole.byteSize() + " bytes are too few for a safetensors file");
    long headerBytes = whole.get(LENGTH, 0);
    if (headerBytes < 0 || headerBytes > SafetensorsHeader.MAX_BYTES)
      throw new CheckpointException(
          "%s: the header's length %s exceeds the limit of %d bytes: not a safetensors file?"
              .formatted(file, Long.toUnsignedString(headerBytes), SafetensorsHeader.MAX_BYTES));
    long dataStart = Long.BYTES + headerBytes;
    if (dataStart > whole.byteSize())
      throw new CheckpointException(
          "%s: the header's length %d goes beyond the file of %d bytes: it is cut off"
              .formatted(file, headerBytes, whole.byteSize()));
    MemorySegment header = whole.asSlice(Long.BYTES, headerBytes);
    if (headerBytes == 0 || header.get(ValueLayout.JAVA_BYTE, 0) != '{')
      throw new CheckpointException(file + ": the header is not a JSON object");

    checkStrings(file, header);

    MemorySegment data = whole.asSlice(dataStart);
    Entry[] entries = SafetensorsHeader.read(file, text(header), data.byteSize());
    List<StoredTensor> tensors = new ArrayList<>(entries.length);
    for (Entry entry : entries) {
      MemorySegment bytes = data.asSlice(entry.begin(), entry.end() - entry.begin());
      tensors.add(
          new StoredTensor(
              entry.name(), entry.type(), entry.shape(), bytes, file, dataStart + entry.begin()));
    }
    return tensors;
  }

  /**
   * The JSON parser checks a string's length only once it holds it, so it is checked here first.
   */
  private static void checkStrings(Path file, MemorySegment header) {
    long start = -1;
    for (long i = 0; i < header.byteSize(); i++) {
      byte b = header.get(ValueLayout.JAVA_BYTE, i);
      if (b == '"') start = start < 0 ? i : -1;
      else if (b == '\\' && start >= 0) i++;
      else if (start >= 0 && i - start > MAX_STRING_BYTES)
        throw new CheckpointException(
            file + ": the header holds a string of more than " + MAX_STRING_BYTES + " bytes");
    }
  }

  private static Reader text(MemorySegment header) {
    return new InputStreamReader(
        new SegmentInputStream(header),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }
}
