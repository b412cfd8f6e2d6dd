package dev.quern.hub;

import java.util.List;
import java.util.Set;

/** A format of weights, and how its files are called in a repository. */
public enum WeightKind {
  SAFETENSORS(
      "model.safetensors.index.json", "model.safetensors", ".safetensors", Set.of("adapter_model")),
  /** Safetensors under Mistral's own names, with {@code params.json} as their config. */
  CONSOLIDATED(
      "consolidated.safetensors.index.json", "consolidated.safetensors", ".safetensors", Set.of()),
  /** Torch's, as {@code .bin}. */
  BIN(
      "pytorch_model.bin.index.json",
      "pytorch_model.bin",
      ".bin",
      Set.of("adapter_model", "training_args", "optimizer")),
  /** Torch's, as {@code .pt}. */
  PT(
      "pytorch_model.pt.index.json",
      "pytorch_model.pt",
      ".pt",
      Set.of("optimizer", "scheduler", "scaler"));

  /** Hugging Face's names for files, in the order in which they are preferred. */
  public static final List<WeightKind> HUGGING_FACE = List.of(SAFETENSORS, BIN, PT);

  private static final String MISTRAL = "consolidated";

  private final String index;
  private final String single;
  private final String suffix;
  private final Set<String> others;

  WeightKind(String index, String single, String suffix, Set<String> others) {
    this.index = index;
    this.single = single;
    this.suffix = suffix;
    this.others = others;
  }

  /** The index of a model in several pieces. */
  String index() {
    return index;
  }

  /** The file of a model in one piece. */
  String single() {
    return single;
  }

  /** Whether a file at the root of a repository is one of a model's. */
  boolean matches(String name) {
    return !name.contains("/")
        && name.endsWith(suffix)
        && name.startsWith(MISTRAL) == (this == CONSOLIDATED)
        && !others.contains(name.substring(0, name.length() - suffix.length()));
  }

  /** What its files are called, for messages. */
  public String pattern() {
    return (this == CONSOLIDATED ? MISTRAL : "") + "*" + suffix;
  }
}
