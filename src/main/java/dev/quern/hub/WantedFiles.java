package dev.quern.hub;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Chooses the files of a repository that a model needs: nothing from sub-folders (other formats lie
 * there, such as {@code original/}) but chat templates, and one format of weights.
 */
final class WantedFiles {
  static final String CONFIG = "config.json";
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

  /**
   * A format of weights.
   *
   * @param index its index of shards
   * @param single the file of a model in one piece
   */
  private record Format(String index, String single, Predicate<String> file) {}

  private static final List<Format> FORMATS =
      List.of(
          new Format(
              "model.safetensors.index.json",
              "model.safetensors",
              name ->
                  name.endsWith(".safetensors")
                      && !name.startsWith("consolidated")
                      && !name.startsWith("adapter_")),
          new Format(
              "consolidated.safetensors.index.json",
              "consolidated.safetensors",
              name -> name.startsWith("consolidated") && name.endsWith(".safetensors")),
          new Format(
              "pytorch_model.bin.index.json",
              "pytorch_model.bin",
              name ->
                  name.endsWith(".bin")
                      && !name.startsWith("adapter_")
                      && !Set.of("training_args.bin", "optimizer.bin").contains(name)),
          new Format(
              null,
              null,
              name ->
                  (name.endsWith(".pt") || name.endsWith(".pth"))
                      && !Set.of("optimizer.pt", "scheduler.pt", "scaler.pt").contains(name)));

  private WantedFiles() {}

  /** The wanted files that are not weights. */
  static List<String> small(Collection<String> names, Set<Part> parts) {
    List<String> wanted = new ArrayList<>();
    for (String name : names) {
      boolean template =
          name.endsWith(".jinja")
              && (!name.contains("/") || name.startsWith("additional_chat_templates/"));
      boolean tokenizer = template || TOKENIZER.contains(name) || otherVocabulary(name);
      if (name.equals(CONFIG) && parts.contains(Part.CONFIG)
          || name.equals(GENERATION_CONFIG) && parts.contains(Part.GENERATION_CONFIG)
          || tokenizer && parts.contains(Part.TOKENIZER)) wanted.add(name);
    }
    return wanted;
  }

  /** Those whose names vary: of tiktoken, and Mistral's {@code tokenizer.model.v3}. */
  private static boolean otherVocabulary(String name) {
    return (name.endsWith(".tiktoken") || name.startsWith("tokenizer.model.v"))
        && !name.contains("/");
  }

  /** The index that decides which weights are needed, or null where there is none. */
  static String index(Collection<String> names) {
    Format format = format(names);
    return format != null && format.index() != null && names.contains(format.index())
        ? format.index()
        : null;
  }

  /**
   * The wanted weights, without the index.
   *
   * @param shards reads the file names in an index
   */
  static List<String> weights(Collection<String> names, Function<String, Set<String>> shards) {
    Format format = format(names);
    if (format == null) return List.of();
    if (format.index() != null && names.contains(format.index()))
      return List.copyOf(new TreeSet<>(shards.apply(format.index())));
    if (format.single() != null && names.contains(format.single())) return List.of(format.single());
    List<String> wanted = new ArrayList<>();
    for (String name : new TreeSet<>(names)) if (matches(format, name)) wanted.add(name);
    return wanted;
  }

  private static Format format(Collection<String> names) {
    for (Format format : FORMATS)
      for (String name : names)
        if (name.equals(format.index()) || matches(format, name)) return format;
    return null;
  }

  private static boolean matches(Format format, String name) {
    return !name.contains("/") && format.file().test(name);
  }

  static boolean hasVocabulary(Collection<String> names) {
    for (String name : names) if (VOCABULARIES.contains(name) || otherVocabulary(name)) return true;
    return false;
  }
}
