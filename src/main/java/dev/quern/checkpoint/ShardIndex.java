package dev.quern.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code model.safetensors.index.json}: which file holds which tensor.
 *
 * @param file the index itself
 * @param fileOf file name by tensor name
 */
record ShardIndex(Path file, Map<String, String> fileOf) {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(32)
                  .maxNameLength(10_000)
                  .maxDocumentLength(SafetensorsHeader.MAX_BYTES)
                  .build())
          .build();

  static ShardIndex read(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
        JsonParser parser = JSON.createParser(in)) {
      Map<String, String> fileOf = null;
      if (parser.nextToken() != JsonToken.START_OBJECT) throw refused(file, "is not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (!name.equals("weight_map")) {
          parser.skipChildren();
        } else {
          if (fileOf != null) throw refused(file, "has two weight_maps");
          fileOf = weightMap(file, parser);
        }
      }
      if (parser.nextToken() != null) throw refused(file, "goes on after its JSON object");
      if (fileOf == null || fileOf.isEmpty()) throw refused(file, "has no weight_map");
      return new ShardIndex(file, fileOf);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file
              + ": is not valid JSON in line "
              + e.getLocation().getLineNr()
              + ": "
              + e.getOriginalMessage().lines().findFirst().orElse(""),
          e);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> weightMap(Path file, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT)
      throw refused(file, "has a weight_map that is not an object");
    Map<String, String> fileOf = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String tensor = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING)
        throw refused(file, "does not name a file for tensor \"" + tensor + "\"");
      String shard = parser.getText();
      if (!plainName(shard))
        throw refused(
            file, "places tensor \"" + tensor + "\" in \"" + shard + "\", not a plain file name");
      if (fileOf.size() == SafetensorsHeader.MAX_TENSORS)
        throw refused(file, "names more than " + SafetensorsHeader.MAX_TENSORS + " tensors");
      if (fileOf.put(tensor, shard) != null)
        throw refused(file, "names tensor \"" + tensor + "\" twice");
    }
    return fileOf;
  }

  /** An index must not point out of its folder. */
  private static boolean plainName(String name) {
    return !name.isEmpty()
        && name.length() <= 255
        && !name.startsWith(".")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c < ' ');
  }

  private static CheckpointException refused(Path file, String reason) {
    return new CheckpointException(file + ": " + reason);
  }
}
