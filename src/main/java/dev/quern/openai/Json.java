package dev.quern.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** The one reader and writer of wire JSON: snake case, limits on depth, whole characters only. */
public final class Json {
  private static final int MAX_DEPTH = 200;

  /** Brackets, names and values: a tree takes some 55 bytes for each. */
  private static final int MAX_TOKENS = 2_000_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxTokenCount(MAX_TOKENS)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /**
   * Reads one JSON value.
   *
   * @throws ApiException (400) where it is malformed; the message says at which line and column
   */
  public static JsonNode parse(byte[] json) {
    JsonNode node;
    try {
      node = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw ApiException.badRequest("Invalid JSON: " + reason(e), null);
    } catch (IOException | RuntimeException e) {
      throw ApiException.badRequest("Invalid JSON: " + e.getMessage(), null);
    }
    if (node == null || node.isMissingNode())
      throw ApiException.badRequest("Invalid JSON: the body is empty", null);
    requireWholeCharacters(node);
    return node;
  }

  private static String reason(JsonProcessingException e) {
    String where =
        e.getLocation() == null
            ? ""
            : " (line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr()
                + ")";
    return e.getOriginalMessage() + where;
  }

  /** Tokenizers and writers refuse half a surrogate pair, so it is refused at the door. */
  private static void requireWholeCharacters(JsonNode node) {
    if (node.isTextual()) requireWholeCharacters(node.textValue());
    else if (node.isArray()) for (JsonNode child : node) requireWholeCharacters(child);
    else if (node.isObject()) {
      for (var field : node.properties()) {
        requireWholeCharacters(field.getKey());
        requireWholeCharacters(field.getValue());
      }
    }
  }

  private static void requireWholeCharacters(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) continue;
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) i++;
      else
        throw ApiException.badRequest(
            "Invalid JSON: a string holds half a character (the lone surrogate U+%04X)"
                .formatted((int) c),
            null);
    }
  }

  /** One line of JSON, UTF-8. */
  public static byte[] write(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value.getClass().getName(), e);
    }
  }

  /** The value as a tree, to be put into a larger one. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }
}
