package dev.quern.model;

import java.nio.file.Files;
import java.nio.file.Path;

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
  /**
   * Reads the folder's {@code generation_config.json}, if there is one.
   *
   * @throws ModelConfigException when a value is of the wrong type or range
   */
  public static GenerationDefaults read(Path folder, ModelConfig config) {
    Path file = folder.resolve("generation_config.json");
    return Files.exists(file)
        ? of(ModelConfig.plain(file.toString(), ConfigJson.read(file)), config)
        : ofConfig(config);
  }

  /** What {@code config.json} alone says: token ids only. */
  public static GenerationDefaults ofConfig(ModelConfig config) {
    return of(config.withoutValues(), config);
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
