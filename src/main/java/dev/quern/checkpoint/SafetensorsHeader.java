package dev.quern.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads the JSON header of a safetensors file: {@code {"name": {"dtype": "BF16", "shape": [2, 3],
 * "data_offsets": [0, 12]}, …}}, with an optional {@code "__metadata__"} of strings.
 *
 * <p>The header comes from strangers, so it is parsed as a stream with limits, and nothing is
 * believed before it is checked. What is accepted here is accepted by the official library; we
 * refuse a little more: duplicate names of empty tensors, unknown fields, anything before the
 * opening brace.
 *
 * <p>Source: the format's description in github.com/huggingface/safetensors.
 */
final class SafetensorsHeader {
  /** The official library's limit. */
  static final long MAX_BYTES = 100_000_000;

  static final int MAX_TENSORS = 500_000;
  static final int MAX_DIMENSIONS = 32;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(4)
                  .maxNameLength(10_000)
                  .maxNumberLength(40)
                  .build())
          .build();

  /** One tensor's line in the header; offsets count from the end of the header. */
  record Entry(String name, StoredType type, long[] shape, long begin, long end) {}

  private final Path file;
  private final JsonParser parser;
  private final Set<String> names = new HashSet<>();
  private Entry[] entries = new Entry[64];
  private int count;

  private SafetensorsHeader(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * The tensors in the order of their bytes, which are contiguous and end at {@code dataBytes}.
   *
   * @param file for messages
   * @param text decodes the header's UTF-8 strictly
   * @throws CheckpointException names the file, the tensor and the reason
   */
  static Entry[] read(Path file, Reader text, long dataBytes) {
    try (JsonParser parser = JSON.createParser(text)) {
      SafetensorsHeader header = new SafetensorsHeader(file, parser);
      header.readTensors();
      return header.inOrder(dataBytes);
    } catch (CharacterCodingException e) {
      throw new CheckpointException(file + ": the header is not valid UTF-8", e);
    } catch (StreamConstraintsException e) {
      throw new CheckpointException(
          file + ": the header exceeds a limit: " + e.getOriginalMessage(), e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file
              + ": the header is not valid JSON at character "
              + e.getLocation().getCharOffset()
              + ": "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private void readTensors() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT)
      throw refused("the header is not a JSON object");
    boolean metadataSeen = false;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = wellFormed(parser.currentName());
      JsonToken value = parser.nextToken();
      if (name.equals("__metadata__")) {
        if (metadataSeen) throw refused("\"__metadata__\" appears twice");
        metadataSeen = true;
        checkMetadata(value);
      } else {
        if (!names.add(name)) throw refused("tensor " + quoted(name) + " appears twice");
        if (count == MAX_TENSORS) throw refused("more than " + MAX_TENSORS + " tensors");
        if (count == entries.length) entries = Arrays.copyOf(entries, count * 2);
        entries[count++] = readTensor(name, value);
      }
    }
    if (parser.nextToken() != null) throw refused("something follows the header's JSON object");
  }

  private void checkMetadata(JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) throw refused("\"__metadata__\" is not an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = wellFormed(parser.currentName());
      if (parser.nextToken() != JsonToken.VALUE_STRING)
        throw refused("\"__metadata__\": the value of " + quoted(key) + " is not a string");
      wellFormed(parser.getText());
    }
  }

  private Entry readTensor(String name, JsonToken value) throws IOException {
    if (value != JsonToken.START_OBJECT) throw refused(name, "is not described by an object");
    StoredType type = null;
    long[] shape = null;
    long[] offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      JsonToken token = parser.nextToken();
      switch (field) {
        case "dtype" -> {
          if (type != null) throw refused(name, "has two dtypes");
          type = token == JsonToken.VALUE_STRING ? StoredType.named(parser.getText()) : null;
          if (type == null)
            throw refused(name, "has an unknown dtype " + quoted(parser.getValueAsString()));
        }
        case "shape" -> {
          if (shape != null) throw refused(name, "has two shapes");
          shape = numbers(name, field, token, MAX_DIMENSIONS);
        }
        case "data_offsets" -> {
          if (offsets != null) throw refused(name, "has data_offsets twice");
          offsets = numbers(name, field, token, 2);
          if (offsets.length != 2) throw refused(name, "has data_offsets that are not a pair");
        }
        default -> throw refused(name, "has an unknown field " + quoted(field));
      }
    }
    if (type == null) throw refused(name, "has no dtype");
    if (shape == null) throw refused(name, "has no shape");
    if (offsets == null) throw refused(name, "has no data_offsets");
    checkSize(name, type, shape, offsets);
    return new Entry(name, type, shape, offsets[0], offsets[1]);
  }

  /** The non-negative integers of an array. */
  private long[] numbers(String name, String field, JsonToken token, int most) throws IOException {
    if (token != JsonToken.START_ARRAY) throw refused(name, "has a " + field + " that is no array");
    long[] values = new long[4];
    int n = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (n == most) throw refused(name, "has more than " + most + " values in its " + field);
      String digits = parser.getText();
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || digits.startsWith("-"))
        throw refused(
            name, "has " + quoted(digits) + " in its " + field + ", not a non-negative integer");
      if (n == values.length) values = Arrays.copyOf(values, n * 2);
      try {
        values[n++] = Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw refused(name, "has " + digits + " in its " + field + ", which overflows");
      }
    }
    return Arrays.copyOf(values, n);
  }

  private void checkSize(String name, StoredType type, long[] shape, long[] offsets) {
    if (offsets[1] < offsets[0])
      throw refused(name, "ends at byte " + offsets[1] + " before it begins at " + offsets[0]);
    long bits = type.bits();
    try {
      long elements = 1;
      for (long dimension : shape) elements = Math.multiplyExact(elements, dimension);
      bits = Math.multiplyExact(elements, bits);
    } catch (ArithmeticException e) {
      throw refused(name, "has a shape " + Arrays.toString(shape) + " whose size overflows");
    }
    String described = type + " " + Arrays.toString(shape);
    if (bits % 8 != 0) throw refused(name, "is " + described + ", not a whole number of bytes");
    if (bits / 8 != offsets[1] - offsets[0])
      throw refused(
          name,
          "is %s, %d bytes, but its data_offsets [%d, %d] hold %d"
              .formatted(described, bits / 8, offsets[0], offsets[1], offsets[1] - offsets[0]));
  }

  private Entry[] inOrder(long dataBytes) {
    Entry[] ordered = Arrays.copyOf(entries, count);
    Arrays.sort(
        ordered,
        (a, b) ->
            a.begin() != b.begin()
                ? Long.compare(a.begin(), b.begin())
                : Long.compare(a.end(), b.end()));
    long end = 0;
    String before = null;
    for (Entry entry : ordered) {
      if (entry.begin() < end)
        throw refused(
            entry.name(),
            "begins at byte %d and overlaps %s, which ends at %d"
                .formatted(entry.begin(), quoted(before), end));
      if (entry.begin() > end)
        throw refused(
            entry.name(),
            "begins at byte %d and leaves a gap of %d bytes"
                .formatted(entry.begin(), entry.begin() - end));
      if (entry.end() > dataBytes)
        throw refused(
            entry.name(),
            "ends at byte %d but the file holds %d bytes of data: it is cut off"
                .formatted(entry.end(), dataBytes));
      end = entry.end();
      before = entry.name();
    }
    if (end != dataBytes)
      throw refused((dataBytes - end) + " bytes follow the last tensor, which ends at byte " + end);
    return ordered;
  }

  /** Refuses half a surrogate pair, which JSON escapes can spell but UTF-8 cannot. */
  private String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) continue;
      if (Character.isLowSurrogate(c)
          || ++i == text.length()
          || !Character.isLowSurrogate(text.charAt(i)))
        throw refused("a string of the header holds half a surrogate pair");
    }
    return text;
  }

  private CheckpointException refused(String tensor, String reason) {
    return refused("tensor " + quoted(tensor) + " " + reason);
  }

  private CheckpointException refused(String reason) {
    return new CheckpointException(file + ": " + reason);
  }

  private static String quoted(String text) {
    if (text == null) return "null";
    return "\"" + (text.length() <= 200 ? text : text.substring(0, 200) + "…") + "\"";
  }
}
