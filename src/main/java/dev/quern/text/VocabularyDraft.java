package dev.quern.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pieces and added tokens of a tokenizer under conversion. Invariant: no two pieces share an id
 * or a text; every added token is a piece too, so that the library keeps its id.
 */
final class VocabularyDraft {
  /** Far above any vocabulary; a larger id would only cost memory. */
  static final int MAX_IDS = 1 << 26;

  private String[] pieces = new String[1 << 10];
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final Map<String, AddedToken> added = new LinkedHashMap<>();
  private int end;

  /** Puts a piece of the vocabulary file in its place. */
  void put(String text, int id) throws IOException {
    if (id < 0 || id >= MAX_IDS) throw new IOException("piece '" + text + "' has the id " + id);
    Integer other = ids.get(text);
    if (other != null)
      throw new IOException("piece '" + text + "' has two ids: " + other + " and " + id);
    if (id >= pieces.length) pieces = Arrays.copyOf(pieces, Math.max(id + 1, 2 * pieces.length));
    if (pieces[id] != null)
      throw new IOException(
          "id " + id + " has two pieces: '" + pieces[id] + "' and '" + text + "'");
    pieces[id] = text;
    ids.put(text, id);
    end = Math.max(end, id + 1);
  }

  /**
   * Adds a token: where its text is a piece already it keeps that id; where its id has another
   * piece, a placeholder, it takes its place; where it has no id, it gets the next.
   */
  void add(AddedToken token) throws IOException {
    Integer known = ids.get(token.text());
    int id = known != null ? known : token.id() >= 0 ? token.id() : end;
    if (known != null && token.id() >= 0 && known != token.id())
      throw new IOException(
          "the token '"
              + token.text()
              + "' is added with the id "
              + token.id()
              + ", and the vocabulary has it as "
              + known);
    if (known == null) {
      if (id < end && pieces[id] != null) rename(id, token.text());
      else put(token.text(), id);
    }
    added.put(
        token.text(),
        new AddedToken(
            id,
            token.text(),
            token.special(),
            token.singleWord(),
            token.stripsLeft(),
            token.stripsRight(),
            token.normalized()));
  }

  /** Adds those named by role or list that are no added tokens yet, and marks them special. */
  void addSpecial(Collection<String> texts) throws IOException {
    for (String text : texts) {
      AddedToken known = added.get(text);
      if (known == null) add(AddedToken.special(-1, text));
      else if (!known.special())
        added.put(
            text,
            new AddedToken(
                known.id(),
                text,
                true,
                known.singleWord(),
                known.stripsLeft(),
                known.stripsRight(),
                known.normalized()));
    }
  }

  /** Gives the piece of an id another text. */
  void rename(int id, String text) throws IOException {
    String old = pieces[id];
    ids.remove(old);
    added.remove(old);
    pieces[id] = null;
    put(text, id);
  }

  /** The id, or -1. */
  int id(String text) {
    return ids.getOrDefault(text, -1);
  }

  /** The piece, or null. */
  String piece(int id) {
    return id >= 0 && id < end ? pieces[id] : null;
  }

  /** One more than the largest id. */
  int end() {
    return end;
  }

  AddedToken added(String text) {
    return added.get(text);
  }

  /** In order of id. */
  List<AddedToken> added() {
    List<AddedToken> list = new ArrayList<>(added.values());
    list.sort(Comparator.comparingInt(AddedToken::id));
    return list;
  }
}
