package dev.quern.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the JSON files beside a vocabulary say that a conversion needs.
 *
 * @param raw {@code tokenizer_config.json}
 * @param modelType of {@code config.json}, or null
 */
record TokenizerFolder(
    Path path, TokenizerConfig config, Map<String, Object> raw, String modelType) {
  private static final String CONFIG = "tokenizer_config.json";
  private static final String ADDED = "added_tokens.json";

  static TokenizerFolder read(Path path) throws IOException {
    Object type = JsonTree.readIfPresent(path.resolve("config.json")).get("model_type");
    return new TokenizerFolder(
        path,
        TokenizerConfig.read(path),
        JsonTree.readIfPresent(path.resolve(CONFIG)),
        type instanceof String text ? text : null);
  }

  /** The name of transformers' class without its suffix "Fast", or null. */
  String tokenizerClass() {
    if (!(raw.get("tokenizer_class") instanceof String name)) return null;
    return name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name;
  }

  /** A switch of the configuration, or null where it says nothing. */
  Boolean flag(String name) {
    return raw.get(name) instanceof Boolean value ? value : null;
  }

  boolean flag(String name, boolean otherwise) {
    Boolean value = flag(name);
    return value == null ? otherwise : value;
  }

  /** The tokens that the files add to the vocabulary, with their ids. */
  List<AddedToken> addedTokens() throws IOException {
    List<AddedToken> tokens = new ArrayList<>();
    Set<String> known = new HashSet<>();
    if (raw.get("added_tokens_decoder") instanceof Map<?, ?> decoder) {
      for (Map.Entry<?, ?> entry : decoder.entrySet()) {
        int id = id(String.valueOf(entry.getKey()), CONFIG);
        if (!(entry.getValue() instanceof Map<?, ?> token)
            || !(token.get("content") instanceof String text))
          throw new IOException(path.resolve(CONFIG) + ": added token " + id + " has no content");
        boolean special = isTrue(token, "special") || config.extraSpecial().contains(text);
        tokens.add(
            new AddedToken(
                id,
                text,
                special,
                isTrue(token, "single_word"),
                isTrue(token, "lstrip"),
                isTrue(token, "rstrip"),
                isTrue(token, "normalized")));
        known.add(text);
      }
    }
    for (Map.Entry<String, Object> entry : JsonTree.readIfPresent(path.resolve(ADDED)).entrySet()) {
      if (!known.add(entry.getKey())) continue;
      int id = id(String.valueOf(entry.getValue()), ADDED);
      boolean special = config.extraSpecial().contains(entry.getKey());
      tokens.add(new AddedToken(id, entry.getKey(), special, false, false, false, !special));
    }
    return tokens;
  }

  private int id(String text, String file) throws IOException {
    try {
      int id = Integer.parseInt(text);
      if (id >= 0 && id < VocabularyDraft.MAX_IDS) return id;
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IOException(path.resolve(file) + ": " + text + " is not the id of an added token");
  }

  private static boolean isTrue(Map<?, ?> token, String name) {
    return Boolean.TRUE.equals(token.get(name));
  }
}
