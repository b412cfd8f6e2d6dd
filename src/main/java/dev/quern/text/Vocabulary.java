package dev.quern.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Pieces of a model's vocabulary by id and ids by piece, as written in {@code tokenizer.json}
 * (byte-level alphabets and the word mark of SentencePiece are not undone). Read once, when first
 * asked for: encoding and decoding do not need it.
 *
 * <p>BPE, WordPiece and WordLevel write an object of piece to id; Unigram writes an array of piece
 * and score in order of id.
 */
final class Vocabulary {
  private String[] pieces = new String[1 << 12];
  private int size;
  private int maxId = -1;
  private Map<String, Integer> ids;

  /** Reads a {@code tokenizer.json} and closes the parser. */
  static Vocabulary read(JsonParser json, AddedTokens added) throws IOException {
    Vocabulary vocabulary = new Vocabulary();
    try (JsonParser parser = json) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals("model") && parser.currentToken() == JsonToken.START_OBJECT) {
          vocabulary.readModel(parser);
          break;
        }
        parser.skipChildren();
      }
    }
    added.texts().forEach((id, text) -> vocabulary.put(text, id));
    return vocabulary;
  }

  static Vocabulary of(VocabularyDraft draft) {
    Vocabulary vocabulary = new Vocabulary();
    for (int id = 0; id < draft.end(); id++)
      if (draft.piece(id) != null) vocabulary.put(draft.piece(id), id);
    return vocabulary;
  }

  private void readModel(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (!name.equals("vocab")) {
        parser.skipChildren();
      } else if (value == JsonToken.START_OBJECT) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String piece = parser.currentName();
          parser.nextToken();
          put(piece, parser.getIntValue());
        }
        return;
      } else if (value == JsonToken.START_ARRAY) {
        for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
          parser.nextToken();
          put(parser.getText(), id);
          while (parser.nextToken() != JsonToken.END_ARRAY) parser.skipChildren();
        }
        return;
      }
    }
  }

  private void put(String piece, int id) {
    // An id far beyond any vocabulary would only cost memory.
    if (id < 0 || id > 1 << 26) return;
    if (id >= pieces.length) pieces = Arrays.copyOf(pieces, Math.max(id + 1, pieces.length * 2));
    if (pieces[id] == null) size++;
    pieces[id] = piece;
    maxId = Math.max(maxId, id);
  }

  int size() {
    return size;
  }

  int maxId() {
    return maxId;
  }

  /** The piece, or null where the id has none. */
  String piece(int id) {
    return id >= 0 && id < pieces.length ? pieces[id] : null;
  }

  /** The id, or -1 where no piece is equal. */
  synchronized int id(String piece) {
    if (ids == null) {
      ids = HashMap.newHashMap(size);
      for (int id = 0; id <= maxId; id++) if (pieces[id] != null) ids.putIfAbsent(pieces[id], id);
    }
    return ids.getOrDefault(piece, -1);
  }
}
