package dev.quern.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Mistral's own {@code params.json} as the {@code config.json} that says the same. Dense models of
 * text alone are taken; of others the error names what they have more.
 */
final class MistralParams {
  static final String FILE = "params.json";

  /** As vLLM assumes for models that do not say. */
  private static final int DEFAULT_POSITIONS = 128_000;

  private static final Map<String, String> NAMES =
      Map.of(
          "dim", "hidden_size",
          "n_layers", "num_hidden_layers",
          "n_heads", "num_attention_heads",
          "n_kv_heads", "num_key_value_heads",
          "head_dim", "head_dim",
          "hidden_dim", "intermediate_size",
          "norm_eps", "rms_norm_eps",
          "vocab_size", "vocab_size",
          "dtype", "dtype");

  /** What makes a model another than a dense one of text. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "moe", "a mixture of experts",
          "quantization", "quantised weights",
          "vision_encoder", "an encoder of images",
          "multimodal", "an encoder of images or sound",
          "qk_nope_head_dim", "latent attention",
          "lora", "adapters beside its weights",
          "use_biases", "biases",
          "qk_norm", "norms of q and k");

  private final String source;
  private final ObjectNode params;
  private final ObjectNode config;

  private MistralParams(String source, ObjectNode params) {
    this.source = source;
    this.params = params;
    this.config = params.objectNode();
  }

  /** The config of a folder that holds {@code params.json}. */
  static ObjectNode read(Path folder) {
    Path file = folder.resolve(FILE);
    Path other = folder.resolve("config.json");
    JsonNode positions =
        Files.isRegularFile(other) ? ConfigJson.read(other).get("max_position_embeddings") : null;
    return convert(file.toString(), ConfigJson.read(file), positions);
  }

  /**
   * @param positions the longest sequence, for params that do not say; null when not known
   */
  static ObjectNode convert(String source, ObjectNode params, JsonNode positions) {
    return new MistralParams(source, params).convert(positions);
  }

  private ObjectNode convert(JsonNode positions) {
    for (Map.Entry<String, String> entry : REFUSED.entrySet()) {
      if (isSet(params.get(entry.getKey()))) {
        throw refused(entry.getKey(), "the model has " + entry.getValue());
      }
    }
    String type = params.path("model_type").asText("transformer");
    if (!type.equals("transformer")) {
      throw refused("model_type", "only \"transformer\" is supported in Mistral's format");
    }
    for (Map.Entry<String, String> entry : NAMES.entrySet()) {
      if (params.hasNonNull(entry.getKey())) {
        config.set(entry.getValue(), params.get(entry.getKey()));
      }
    }
    if (!config.has("num_key_value_heads")) {
      config.set("num_key_value_heads", config.get("num_attention_heads"));
    }
    config.put("model_type", "mistral");
    config.putArray("architectures").add("MistralForCausalLM");
    config.put("hidden_act", params.path("activation").asText("silu"));
    config.put("tie_word_embeddings", params.path("tied_embeddings").asBoolean(false));
    config.set("max_position_embeddings", positions(positions));
    // Every tokenizer of Mistral's has <s> and </s> there; the file does not name them.
    config.put("bos_token_id", 1);
    config.put("eos_token_id", 2);
    window();
    rope();
    return config;
  }

  private JsonNode positions(JsonNode known) {
    for (String key : new String[] {"max_position_embeddings", "max_seq_len"}) {
      if (params.hasNonNull(key)) {
        return params.get(key);
      }
    }
    return known != null && known.isInt() ? known : config.numberNode(DEFAULT_POSITIONS);
  }

  /** One window for all layers, or a pattern of windows that repeats. */
  private void window() {
    JsonNode window = params.get("sliding_window");
    if (!(window instanceof ArrayNode pattern)) {
      config.set("sliding_window", window == null ? config.nullNode() : window);
      return;
    }
    int layers = config.path("num_hidden_layers").asInt();
    if (pattern.isEmpty() || layers % pattern.size() != 0) {
      throw refused("sliding_window", "does not repeat in " + layers + " layers");
    }
    JsonNode size = config.nullNode();
    ArrayNode types = config.arrayNode();
    for (int i = 0; i < layers; i++) {
      JsonNode here = pattern.get(i % pattern.size());
      types.add(here.isNull() ? "full_attention" : "sliding_attention");
      if (!here.isNull() && !size.isNull() && !here.equals(size)) {
        throw refused("sliding_window", "windows of two sizes are not supported");
      }
      size = here.isNull() ? size : here;
    }
    config.set("sliding_window", size);
    config.set("layer_types", types);
    config.put("model_type", "ministral");
    config.putArray("architectures").add("MinistralForCausalLM");
  }

  private void rope() {
    JsonNode theta = params.path("rope_theta");
    JsonNode yarn = params.path("yarn");
    config.set("rope_theta", theta.isNumber() ? theta : config.numberNode(10_000.0));
    if (!isSet(yarn)) {
      return;
    }
    ObjectNode rope = config.putObject("rope_parameters").put("rope_type", "yarn");
    rope.set("rope_theta", config.remove("rope_theta"));
    move(yarn, "factor", rope, "factor");
    move(yarn, "original_max_position_embeddings", rope, "original_max_position_embeddings");
    move(yarn, "beta", rope, "beta_fast");
    move(yarn, "alpha", rope, "beta_slow");
    if (!yarn.path("apply_scale").asBoolean(true)) {
      rope.put("attention_factor", 1.0);
    }
    JsonNode scaling = params.path("llama_4_scaling");
    if (isSet(scaling)) {
      String key = "original_max_position_embeddings";
      if (!scaling.path(key).equals(yarn.path(key))) {
        throw refused("llama_4_scaling", key + " must be that of yarn");
      }
      move(scaling, "beta", rope, "llama_4_scaling_beta");
      config.put("model_type", "ministral3");
      config.putArray("architectures").add("Ministral3ForCausalLM");
    }
  }

  private static void move(JsonNode from, String key, ObjectNode to, String name) {
    if (from.hasNonNull(key)) {
      to.set(name, from.get(key));
    }
  }

  private static boolean isSet(JsonNode value) {
    return value != null
        && !value.isMissingNode()
        && !value.isNull()
        && !(value.isBoolean() && !value.booleanValue())
        && !(value.isContainerNode() && value.isEmpty());
  }

  private ModelConfigException refused(String key, String why) {
    return new ModelConfigException(
        "%s: %s = %s: %s, which Mistral's own format is not read with here; --config-format hf and --load-format hf read config.json and Hugging Face's names for weights, where the model has them"
            .formatted(source, key, ConfigJson.shown(params.get(key)), why));
  }
}
