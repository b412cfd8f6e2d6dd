package dev.quern.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code tokenizer_config.json} and {@code special_tokens_map.json} say beyond the vocabulary.
 *
 * @param specialTokens the text of each named special token, by name ({@code bos_token}, {@code
 *     eos_token}, …)
 * @param extraSpecial all tokens that the files declare special
 * @param modelMaxLength the longest input in tokens, or -1 where the file has none or the
 *     placeholder 1e30
 */
record TokenizerConfig(
    Map<String, String> specialTokens, Set<String> extraSpecial, int modelMaxLength) {
  private static final List<String> LISTS =
      List.of("additional_special_tokens", "extra_special_tokens");

  static TokenizerConfig read(Path folder) throws IOException {
    Map<String, Object> config = JsonTree.readIfPresent(folder.resolve("tokenizer_config.json"));
    Map<String, Object> map = JsonTree.readIfPresent(folder.resolve("special_tokens_map.json"));
    Map<String, String> named = new LinkedHashMap<>();
    Set<String> extra = new LinkedHashSet<>();
    // The config is the newer of the two files and wins.
    for (Map<String, Object> source : List.of(map, config)) {
      source.forEach((name, value) -> addNamed(named, name, value));
      for (String list : LISTS) {
        switch (source.get(list)) {
          case List<?> tokens -> tokens.forEach(token -> addText(extra, token));
          case Map<?, ?> tokens ->
              tokens.forEach((name, value) -> addNamed(named, String.valueOf(name), value));
          case null, default -> {}
        }
      }
    }
    extra.addAll(named.values());
    return new TokenizerConfig(
        Collections.unmodifiableMap(named), extra, maxLength(config.get("model_max_length")));
  }

  /** With tokens for the roles that the files leave open. */
  TokenizerConfig withDefaults(Map<String, String> named) {
    Map<String, String> all = new LinkedHashMap<>(named);
    all.putAll(specialTokens);
    Set<String> extra = new LinkedHashSet<>(extraSpecial);
    extra.addAll(named.values());
    return new TokenizerConfig(Collections.unmodifiableMap(all), extra, modelMaxLength);
  }

  private static void addNamed(Map<String, String> named, String name, Object value) {
    if (!name.endsWith("_token")) return;
    String text = text(value);
    if (text != null) named.put(name, text);
  }

  private static void addText(Set<String> tokens, Object value) {
    String text = text(value);
    if (text != null) tokens.add(text);
  }

  /** A token is written as its text or as an object with its text in {@code content}. */
  private static String text(Object value) {
    return switch (value) {
      case String text -> text;
      case Map<?, ?> token when token.get("content") instanceof String text -> text;
      case null, default -> null;
    };
  }

  private static int maxLength(Object value) {
    if (!(value instanceof Number number)) return -1;
    double length = number.doubleValue();
    return length >= 1 && length <= Integer.MAX_VALUE ? (int) length : -1;
  }
}
