package dev.quern.checkpoint;

import java.util.List;
import java.util.Locale;

/** Where weights come from: {@code --load-format}. */
public enum LoadFormat {
  /** Whatever the folder has: {@link #MISTRAL} where its config is too, else {@link #HF}. */
  AUTO(WeightFormat.SAFETENSORS, WeightFormat.BIN, WeightFormat.PT),
  /** Hugging Face's names for files: safetensors, else torch's. */
  HF(WeightFormat.SAFETENSORS, WeightFormat.BIN, WeightFormat.PT),
  SAFETENSORS(WeightFormat.SAFETENSORS),
  PT(WeightFormat.PT),
  /** Mistral's own files, {@code consolidated*.safetensors}. */
  MISTRAL(WeightFormat.CONSOLIDATED),
  /** Torch's {@code .bin} files; they are mapped, so that they need no cache beside them. */
  NPCACHE(WeightFormat.BIN),
  /** No file but {@code config.json} is read; the values are random. */
  DUMMY;

  private static final String SUPPORTED = "auto, hf, safetensors, pt, npcache, mistral, dummy";

  /** Formats that vLLM has and we do not. */
  private static final List<String> KNOWN_ELSEWHERE =
      List.of(
          "fastsafetensors",
          "instanttensor",
          "tensorizer",
          "runai_streamer",
          "runai_streamer_sharded",
          "sharded_state",
          "modelexpress",
          "gguf",
          "bitsandbytes");

  private final List<WeightFormat> formats;

  LoadFormat(WeightFormat... formats) {
    this.formats = List.of(formats);
  }

  /** The formats to look for, in this order. */
  List<WeightFormat> formats() {
    return formats;
  }

  /**
   * The format of that name.
   *
   * @throws CheckpointException when it is unknown or not supported, listing those that are
   */
  public static LoadFormat parse(String name) {
    return switch (name.strip().toLowerCase(Locale.ROOT)) {
      case "auto" -> AUTO;
      case "hf" -> HF;
      case "safetensors" -> SAFETENSORS;
      case "pt" -> PT;
      case "npcache" -> NPCACHE;
      case "mistral" -> MISTRAL;
      case "dummy" -> DUMMY;
      case String other ->
          throw new CheckpointException(
              "load format '%s' is %s; use one of: %s"
                  .formatted(
                      name,
                      KNOWN_ELSEWHERE.contains(other) ? "not supported yet" : "unknown",
                      SUPPORTED));
    };
  }
}
