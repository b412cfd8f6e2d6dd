package dev.quern.checkpoint;

import java.util.List;

/** Where weights come from: {@code --load-format}. */
public enum LoadFormat {
  /** Safetensors files of the folder. */
  AUTO,
  SAFETENSORS,
  /** No file but {@code config.json} is read; the values are random. */
  DUMMY;

  /** Formats that vLLM has and we do not. */
  private static final List<String> KNOWN_ELSEWHERE =
      List.of(
          "hf",
          "pt",
          "npcache",
          "mistral",
          "fastsafetensors",
          "instanttensor",
          "tensorizer",
          "runai_streamer",
          "runai_streamer_sharded",
          "sharded_state",
          "modelexpress",
          "gguf",
          "bitsandbytes");

  /**
   * The format of that name.
   *
   * @throws CheckpointException when it is unknown or not supported, listing those that are
   */
  public static LoadFormat parse(String name) {
    return switch (name.strip().toLowerCase(java.util.Locale.ROOT)) {
      case "auto" -> AUTO;
      case "safetensors" -> SAFETENSORS;
      case "dummy" -> DUMMY;
      case String other ->
          throw new CheckpointException(
              "load format '%s' is %s; use one of: auto, safetensors, dummy"
                  .formatted(
                      name, KNOWN_ELSEWHERE.contains(other) ? "not supported yet" : "unknown"));
    };
  }
}
