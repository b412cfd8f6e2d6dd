package dev.quern.settings;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Which model, from where, and how its files are read. */
public interface ModelSettings {
  @Flag(
      value = "built-in id, folder, or Hugging Face name",
      defaultsTo = "quern/tales-5m",
      name = "model")
  String name();

  @Flag("names that requests may use for the model; the first one is used in answers")
  Optional<List<String>> servedModelName();

  @Flag("branch, tag or commit of the model")
  Optional<String> revision();

  @Flag("folder or name whose tokenizer is used instead of the model's")
  Optional<String> tokenizer();

  @Flag("branch, tag or commit of the tokenizer; unset = the model's")
  Optional<String> tokenizerRevision();

  @Flag(
      value =
          "which tokenizer is read: hf = tokenizer.json, else what it is made from; slow ="
              + " tokenizer.model or vocab.json with merges.txt; mistral = tekken.json or"
              + " tokenizer.model.v*; auto = mistral beside consolidated weights, else hf",
      defaultsTo = "auto")
  String tokenizerMode();

  @Flag(value = "token ids in and token ids out; no tokenizer is loaded", defaultsTo = "false")
  boolean skipTokenizerInit();

  @Flag("folder or name whose config.json is used instead of the model's")
  Optional<String> hfConfigPath();

  @Flag(value = "JSON object whose fields replace those of config.json", json = true)
  Optional<String> hfOverrides();

  @Flag(value = "token for the Hugging Face hub", secret = true)
  Optional<String> hfToken();

  @Flag("folder of the Hugging Face cache; unset = HF_HUB_CACHE, HF_HOME or ~/.cache")
  Optional<String> downloadDir();

  @Flag(
      value =
          "the model's configuration: hf = config.json, mistral = params.json; auto = mistral for a"
              + " dense model of text with consolidated*.safetensors, else hf",
      oneOf = {"auto", "hf", "mistral"},
      defaultsTo = "auto")
  String configFormat();

  @Flag(
      value =
          "format of the weights: hf = safetensors, else torch's .bin, else .pt; npcache = .bin;"
              + " mistral = consolidated*.safetensors; auto = mistral for a dense model of text"
              + " with params.json, else hf; dummy needs only config.json and invents the weights",
      oneOf = {"auto", "hf", "safetensors", "pt", "npcache", "mistral", "dummy"},
      defaultsTo = "auto")
  String loadFormat();

  @Flag(
      value = "type of the weights in memory; auto = the checkpoint's",
      oneOf = {"auto", "bfloat16", "float16", "half", "float32", "float"},
      defaultsTo = "auto")
  String dtype();

  /**
   * Longest sequence in tokens; empty = the model's own length; -1 = the longest that fits in
   * memory.
   */
  @Flag(
      value =
          "longest sequence in tokens, 32k and 32K (1024s) too; unset = the model's; auto = what"
              + " fits in memory",
      min = 1,
      autoWord = "auto")
  OptionalInt maxModelLen();

  /**
   * Where sampling defaults come from: {@code auto} (the model's file), {@code vllm} (none), or a
   * folder.
   */
  @Flag(
      value =
          "sampling defaults: auto = the model's generation_config.json, vllm = none, or a folder",
      defaultsTo = "auto")
  String generationConfig();

  @Flag(value = "JSON object whose fields replace those of generation_config.json", json = true)
  Optional<String> overrideGenerationConfig();

  /** The names that requests may use: those given, else the model's own name. */
  default List<String> servedNames() {
    return servedModelName().filter(names -> !names.isEmpty()).orElse(List.of(name()));
  }
}
