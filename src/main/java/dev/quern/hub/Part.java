package dev.quern.hub;

/** Which files of a model are wanted. */
public enum Part {
  /** {@code config.json}. */
  CONFIG,
  /** {@code generation_config.json}. */
  GENERATION_CONFIG,
  /** Tokenizer files and chat templates. */
  TOKENIZER,
  /** Weights in one format, safetensors first. */
  WEIGHTS
}
