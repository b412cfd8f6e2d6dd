package dev.quern.hub;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Chooses the files of a repository that a model needs: nothing from sub-folders (other formats lie
 * there, such as {@code original/}) but chat templates, and one format of weights.
 */
final class WantedFiles {
  static final String CONFIG = "config.json";

  /** The config of {@link WeightKind#CONSOLIDATED}. */
  static final String PARAMS = "params.json";

  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final Set<String> TOKENIZER =
      Set.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "vocab.txt",
          "tokenizer.model",
          "spiece.model",
          "sentencepiece.bpe.model",
          "tekken.json",
          "chat_template.jinja",
          "chat_template.json");

  /** Any of these makes a tokenizer. */
  private static final Set<String> VOCABULARIES =
      Set.of(
          "tokenizer.json",
          "vocab.json",
          "vocab.txt",
          "tokenizer.model",
          "spiece.model",
          "sentencepiece.bpe.model",
          "tekken.json");

  /** Looked for by every loader, so that their absence is worth noting. */
  static final List<String> OPTIONAL =
      List.of(
          GENERATION_CONFIG,
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja");

  private static final int LISTED = 4;

  private WantedFiles() {}

  /** The wanted files that are not weights. */
  static List<String> small(Collection<String> names, Set<Part> parts) {
    List<String> wanted = new ArrayList<>();
    for (String name : names) {
      boolean template =
          name.endsWith(".jinja")
              && (!name.contains("/") || name.startsWith("additional_chat_templates/"));
      boolean tokenizer = template || TOKENIZER.contains(name) || namedVocabulary(name);
      boolean config = name.equals(CONFIG) || name.equals(PARAMS) && mistral(names);
      if (config && parts.contains(Part.CONFIG)
          || name.equals(GENERATION_CONFIG) && parts.contains(Part.GENERATION_CONFIG)
          || tokenizer && parts.contains(Part.TOKENIZER)) wanted.add(name);
    }
    return wanted;
  }

  /** Vocabularies whose names are not fixed: tiktoken's, and Mistral's with their version. */
  private static boolean namedVocabulary(String name) {
    return !name.contains("/")
        && (name.endsWith(".tiktoken") || name.matches("tokenizer\\.model\\.v\\d+(m\\d+)?"));
  }

  /** Whether the files hold a model in Mistral's own format. */
  private static boolean mistral(Collection<String> names) {
    return names.contains(PARAMS) && kind(names, List.of(WeightKind.CONSOLIDATED)) != null;
  }

  /** Whether the files of a repository hold a config of a format that is known here. */
  static boolean hasConfig(Collection<String> names) {
    return names.contains(CONFIG) || mistral(names);
  }

  /** The index that decides which weights are needed, or null where there is none. */
  static String index(Collection<String> names, List<WeightKind> kinds) {
    WeightKind kind = kind(names, kinds);
    return kind != null && names.contains(kind.index()) ? kind.index() : null;
  }

  /**
   * The wanted weights, without the index; of the first kind that is there.
   *
   * @param shards reads the file names in an index
   */
  static List<String> weights(
      Collection<String> names, List<WeightKind> kinds, Function<String, Set<String>> shards) {
    WeightKind kind = kind(names, kinds);
    if (kind == null) return List.of();
    if (names.contains(kind.index())) return List.copyOf(new TreeSet<>(shards.apply(kind.index())));
    if (names.contains(kind.single())) return List.of(kind.single());
    List<String> wanted = new ArrayList<>();
    for (String name : new TreeSet<>(names)) if (kind.matches(name)) wanted.add(name);
    return wanted;
  }

  /** The weights in other formats, for a message; empty where there are none. */
  static String otherWeights(Collection<String> names) {
    List<String> others = new ArrayList<>();
    for (String name : new TreeSet<>(names))
      if (name.matches(".*\\.(safetensors|bin|pt|pth|gguf|h5|msgpack|onnx|ckpt)")) others.add(name);
    if (others.isEmpty()) return "";
    return "; it has "
        + String.join(", ", others.subList(0, Math.min(LISTED, others.size())))
        + (others.size() > LISTED ? ", ..." : "");
  }

  private static WeightKind kind(Collection<String> names, List<WeightKind> kinds) {
    for (WeightKind kind : kinds)
      for (String name : names) if (name.equals(kind.index()) || kind.matches(name)) return kind;
    return null;
  }

  static boolean hasVocabulary(Collection<String> names) {
    for (String name : names) if (VOCABULARIES.contains(name) || namedVocabulary(name)) return true;
    return false;
  }
}
