package dev.quern.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * Sampling defaults and special tokens that come with a model: {@code generation_config.json}, and
 * the token ids of {@code config.json} where that says nothing.
 *
 * @param temperature null where the model says nothing; so for the next five
 * @param eosTokenIds ids that end an answer, possibly none
 * @param bosTokenId null for none
 */
public record GenerationDefaults(
    Double temperature,
    Integer topK,
    Double topP,
    Double minP,
    Double repetitionPenalty,
    Integer maxNewTokens,
    int[] eosTokenIds,
    Integer bosTokenId) {
  private static final Logger LOG = System.getLogger(GenerationDefaults.class.getName());
  private static final String FILE = "generation_config.json";
  private static final String OVERRIDES = "--override-generation-config";
  private static final Set<String> READ =
      Set.of(
          "temperature",
          "top_k",
          "top_p",
          "min_p",
          "repetition_penalty",
          "max_new_tokens",
          "eos_token_id",
          "bos_token_id");

  /**
   * Chooses by {@code --generation-config}.
   *
   * @param from {@code auto}: the file in {@code folder}, if there is one; {@code vllm}: no file;
   *     else a folder whose file counts
   * @param overridesJson {@code --override-generation-config}: a JSON object laid over the file;
   *     null or blank for none
   * @throws ModelConfigException when a value is of the wrong type or range, or the folder that
   *     {@code from} names has no such file
   */
  public static GenerationDefaults choose(
      String from, Path folder, ModelConfig config, String overridesJson) {
    Path file = (from.equals("auto") ? folder : Path.of(from)).resolve(FILE);
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    if (!from.equals("vllm") && Files.exists(file)) {
      values = ConfigJson.read(file);
      of(ModelConfig.plain(file.toString(), values), config);
    } else if (!from.equals("vllm") && !from.equals("auto")) {
      throw new ModelConfigException(
          "--generation-config " + from + ": must be auto, vllm or a folder with a " + FILE);
    }
    if (overridesJson != null && !overridesJson.isBlank()) {
      ObjectNode over = ConfigJson.parse(OVERRIDES, overridesJson);
      of(ModelConfig.plain(OVERRIDES, over), config);
      for (Map.Entry<String, JsonNode> entry : over.properties()) {
        if (!READ.contains(entry.getKey())) {
          LOG.log(Logger.Level.WARNING, "{0}: {1} changes nothing", OVERRIDES, entry.getKey());
        }
        values.set(entry.getKey(), entry.getValue());
      }
    }
    return of(ModelConfig.plain(file.toString(), values), config);
  }

  /** Those that are there. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    add(text, "temperature", temperature);
    add(text, "top_k", topK);
    add(text, "top_p", topP);
    add(text, "min_p", minP);
    add(text, "repetition_penalty", repetitionPenalty);
    add(text, "max_new_tokens", maxNewTokens);
    add(text, "eos_token_id", Arrays.toString(eosTokenIds));
    add(text, "bos_token_id", bosTokenId);
    return text.toString().strip();
  }

  private static void add(StringBuilder text, String name, Object value) {
    if (value != null) text.append(' ').append(name).append('=').append(value);
  }

  static GenerationDefaults of(ModelConfig generation, ModelConfig config) {
    ModelConfig eos = generation.present("eos_token_id") ? generation : config.text();
    ModelConfig bos = generation.present("bos_token_id") ? generation : config.text();
    int[] bosIds = tokenIds(bos, "bos_token_id");
    return new GenerationDefaults(
        number(generation, "temperature", 0, Float.MAX_VALUE),
        integer(generation, "top_k", 0),
        number(generation, "top_p", Float.MIN_VALUE, 1),
        number(generation, "min_p", 0, 1),
        number(generation, "repetition_penalty", Float.MIN_VALUE, Float.MAX_VALUE),
        integer(generation, "max_new_tokens", 1),
        tokenIds(eos, "eos_token_id"),
        bosIds.length == 0 ? null : bosIds[0]);
  }

  private static Double number(ModelConfig config, String key, double min, double max) {
    if (!config.present(key)) {
      return null;
    }
    double value = config.number(key);
    if (value < min || value > max) {
      throw config.invalid(key, "is out of range");
    }
    return value;
  }

  private static Integer integer(ModelConfig config, String key, int min) {
    return config.present(key) ? config.integer(min, Integer.MAX_VALUE, key) : null;
  }

  /** Token ids given as one integer or an array of them; empty when absent. */
  private static int[] tokenIds(ModelConfig config, String key) {
    if (config.present(key) && !config.isArray(key)) {
      return new int[] {config.integer(0, Limits.VOCABULARY, key)};
    }
    double[] numbers = config.numbers(key);
    int[] ids = new int[numbers.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) numbers[i];
      if (ids[i] != numbers[i] || ids[i] < 0 || ids[i] > Limits.VOCABULARY) {
        throw config.invalid(key, "must hold token ids");
      }
    }
    return ids;
  }
}
