package dev.quern.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** Reads the small JSON files beside a model, with bounds on size, depth and numbers. */
final class ConfigJson {
  /** Real configs are kilobytes; one that lists every unquantised layer is still below this. */
  private static final long MAX_BYTES = 16L << 20;

  /** Python writes NaN and Infinity into JSON; they are read here and refused where used. */
  private static final ObjectReader READER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(100)
                          .maxNumberLength(400)
                          .build())
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private ConfigJson() {}

  static ObjectNode read(Path file) {
    return parse(file.toString(), text(file));
  }

  static String text(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new ModelConfigException(
            file + ": has " + size + " bytes; a config of more than " + MAX_BYTES + " is refused");
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new ModelConfigException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new ModelConfigException(file + ": cannot be read: " + e, e);
    }
  }

  /** The object in {@code json}; {@code source} names it in errors. */
  static ObjectNode parse(String source, String json) {
    JsonNode node;
    try {
      node = READER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new ModelConfigException(source + ": is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!(node instanceof ObjectNode object)) {
      throw new ModelConfigException(source + ": must be a JSON object, not " + shown(node));
    }
    return object;
  }

  /** Lays {@code over} on {@code base} in place: objects are merged, everything else replaced. */
  static void merge(ObjectNode base, ObjectNode over) {
    for (Map.Entry<String, JsonNode> entry : over.properties()) {
      if (entry.getValue() instanceof ObjectNode nested
          && base.get(entry.getKey()) instanceof ObjectNode below) {
        merge(below, nested);
      } else {
        base.set(entry.getKey(), entry.getValue().deepCopy());
      }
    }
  }

  /** A value as a message shows it: short. */
  static String shown(JsonNode node) {
    if (node == null || node.isMissingNode()) {
      return "nothing";
    }
    if (node.isContainerNode() && node.size() > 20) {
      return (node.isArray() ? "an array of " : "an object of ") + node.size();
    }
    String text = node.isNumber() ? node.asText() : node.toString();
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
