package dev.quern.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** File formats of weights, and how their files are called in a model's folder. */
enum WeightFormat {
  SAFETENSORS(
      ".safetensors",
      "model.safetensors",
      "model.safetensors.index.json",
      Set.of("adapter_model.safetensors"),
      Safetensors::open),
  /** Safetensors under Mistral's own names. */
  CONSOLIDATED(
      ".safetensors",
      "consolidated.safetensors",
      "consolidated.safetensors.index.json",
      Set.of(),
      Safetensors::open),
  /** Pickles of torch, as {@code .bin}. */
  BIN(
      ".bin",
      "pytorch_model.bin",
      "pytorch_model.bin.index.json",
      Set.of("training_args.bin", "optimizer.bin", "adapter_model.bin"),
      TorchFile::open),
  /** Pickles of torch, as {@code .pt}. */
  PT(
      ".pt",
      "pytorch_model.pt",
      "pytorch_model.pt.index.json",
      Set.of("optimizer.pt", "scheduler.pt", "scaler.pt"),
      TorchFile::open);

  private static final String MISTRAL = "consolidated";

  private final String suffix;
  private final String single;
  private final String index;
  private final Set<String> others;
  private final Function<Path, List<StoredTensor>> opener;

  WeightFormat(
      String suffix,
      String single,
      String index,
      Set<String> others,
      Function<Path, List<StoredTensor>> opener) {
    this.suffix = suffix;
    this.single = single;
    this.index = index;
    this.others = others;
    this.opener = opener;
  }

  /** The file of a model in one piece. */
  String single() {
    return single;
  }

  /** The index of a model in several pieces. */
  String index() {
    return index;
  }

  /** What its files are called, for messages. */
  String pattern() {
    return (this == CONSOLIDATED ? MISTRAL : "") + "*" + suffix;
  }

  /** Whether a file is one of a model's; Mistral's {@code consolidated*} are other weights. */
  boolean matches(String name) {
    return name.endsWith(suffix)
        && name.startsWith(MISTRAL) == (this == CONSOLIDATED)
        && !others.contains(name);
  }

  List<StoredTensor> open(Path file) {
    return opener.apply(file);
  }
}
