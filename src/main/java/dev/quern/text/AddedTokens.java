package dev.quern.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The {@code added_tokens} of a {@code tokenizer.json}. They stand before the vocabulary in the
 * file, so reading them stops before the large part.
 *
 * @param ids token text to id
 * @param texts id to token text
 * @param special the ids marked special
 */
record AddedTokens(Map<String, Integer> ids, Map<Integer, String> texts, BitSet special) {

  static AddedTokens read(Path file, byte[] json) throws IOException {
    AddedTokens tokens = new AddedTokens(new HashMap<>(), new HashMap<>(), new BitSet());
    try (JsonParser parser = JsonTree.FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT)
        throw new IOException(file + ": not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("added_tokens") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() != JsonToken.END_ARRAY) tokens.add(JsonTree.value(parser));
          return tokens;
        }
        parser.skipChildren();
      }
    } catch (JsonProcessingException e) {
      throw new IOException(
          file
              + ": not valid JSON: "
              + e.getOriginalMessage()
              + " at line "
              + e.getLocation().getLineNr(),
          e);
    }
    return tokens;
  }

  /** Marks more tokens special, those among them that are added tokens. */
  void markSpecial(Set<String> tokens) {
    for (String token : tokens) {
      Integer id = ids.get(token);
      if (id != null && id >= 0) special.set(id);
    }
  }

  private void add(Object token) {
    if (!(token instanceof Map<?, ?> map)) return;
    if (!(map.get("content") instanceof String text) || !(map.get("id") instanceof Number id))
      return;
    ids.put(text, id.intValue());
    texts.put(id.intValue(), text);
    if (Boolean.TRUE.equals(map.get("special")) && id.intValue() >= 0) special.set(id.intValue());
  }
}
