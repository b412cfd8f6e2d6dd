package dev.quern.batch;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** JSON in and out of lines: strict on the way in, whole bytes on the way out. */
final class LineJson {
  /** A line's own length limit bounds its strings; its depth is Jackson's, 500 or more. */
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNestingDepth(500)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private LineJson() {}

  static JsonNode parse(Line line, String customId) throws BadLineException {
    int bad = firstBadByte(line.bytes());
    if (bad >= 0)
      throw new BadLineException(
          customId,
          "line %d is not valid UTF-8 at byte %d".formatted(line.number(), bad + 1),
          null);
    try {
      return MAPPER.readTree(line.bytes());
    } catch (JsonProcessingException e) {
      long column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw new BadLineException(
          customId,
          "line %d is not valid JSON at column %d: %s"
              .formatted(line.number(), column, shortened(e.getOriginalMessage())),
          null);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O in reading an array
    }
  }

  /** Where UTF-8 breaks, or -1. Jackson alone lets some broken sequences pass. */
  private static int firstBadByte(byte[] bytes) {
    int ascii = 0;
    while (ascii < bytes.length && bytes[ascii] >= 0) ascii++;
    if (ascii == bytes.length) return -1;
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, ascii, bytes.length - ascii);
    CharBuffer out = CharBuffer.allocate(4096);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) return in.position();
      if (result.isUnderflow()) return -1;
      out.clear();
    }
  }

  /** What a JSON value is, for a message. */
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case NUMBER -> "a number";
      case OBJECT -> "an object";
      case STRING -> "a string";
      default -> "nothing";
    };
  }

  /** A value from the input as a message may hold it. */
  static String shortened(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }

  /** What writes one JSON value. */
  interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  /** One line with its line end. */
  static byte[] line(Writing writing) {
    try (ByteArrayBuilder bytes = new ByteArrayBuilder()) {
      try (JsonGenerator json = MAPPER.getFactory().createGenerator(bytes)) {
        writing.to(json);
      }
      bytes.write('\n');
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O in writing an array
    }
  }
}
