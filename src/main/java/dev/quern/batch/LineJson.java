package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.openai.ApiException;
import dev.quern.openai.Json;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** A line's JSON, and how messages speak of it. */
final class LineJson {
  private static final int MAX_QUOTED_CHARS = 200;

  private LineJson() {}

  static JsonNode parse(Line line, String customId) throws BadLineException {
    int bad = firstBadByte(line.bytes());
    if (bad >= 0)
      throw new BadLineException(
          customId,
          "line %d is not valid UTF-8 at byte %d".formatted(line.number(), bad + 1),
          null);
    try {
      return Json.parse(line.bytes());
    } catch (ApiException e) {
      // To the parser every line is the first.
      String message = e.error().message().replace("(line 1, column ", "(column ");
      throw new BadLineException(
          customId, "line %d: %s".formatted(line.number(), message), e.error().param());
    }
  }

  /** Where UTF-8 breaks, or -1. Jackson alone lets some broken sequences pass. */
  private static int firstBadByte(byte[] bytes) {
    int ascii = 0;
    while (ascii < bytes.length && bytes[ascii] >= 0) ascii++;
    if (ascii == bytes.length) return -1;
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, ascii, bytes.length - ascii).slice();
    CharBuffer out = CharBuffer.allocate(4096);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (result.isError()) return ascii + in.position();
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
    return text.length() <= MAX_QUOTED_CHARS ? text : text.substring(0, MAX_QUOTED_CHARS) + "…";
  }
}
