package dev.quern.engine;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Collects sampling parameters over vLLM's defaults; a null list or map is an empty one. */
public final class SamplingParamsBuilder {
  private static final int MAX_N = 16384;
  private static final float GREEDY_BELOW = 1e-5f;
  private static final float LEAST_TEMPERATURE = 0.01f;
  private static final float MAX_BIAS = 100;

  private int n = 1;
  private float presencePenalty;
  private float frequencyPenalty;
  private float repetitionPenalty = 1;
  private float temperature = 1;
  private float topP = 1;
  private int topK;
  private float minP;
  private Long seed;
  private List<String> stop = List.of();
  private List<Integer> stopTokenIds = List.of();
  private boolean ignoreEos;
  private Integer maxTokens = 16;
  private int minTokens;
  private Integer logprobs;
  private Integer promptLogprobs;
  private boolean detokenize = true;
  private boolean skipSpecialTokens = true;
  private boolean spacesBetweenSpecialTokens = true;
  private boolean includeStopStrInOutput;
  private Map<Integer, Float> logitBias = Map.of();
  private List<Integer> allowedTokenIds;
  private List<String> badWords = List.of();

  SamplingParamsBuilder() {}

  public SamplingParamsBuilder n(int value) {
    n = value;
    return this;
  }

  public SamplingParamsBuilder presencePenalty(float value) {
    presencePenalty = value;
    return this;
  }

  public SamplingParamsBuilder frequencyPenalty(float value) {
    frequencyPenalty = value;
    return this;
  }

  public SamplingParamsBuilder repetitionPenalty(float value) {
    repetitionPenalty = value;
    return this;
  }

  public SamplingParamsBuilder temperature(float value) {
    temperature = value;
    return this;
  }

  public SamplingParamsBuilder topP(float value) {
    topP = value;
    return this;
  }

  public SamplingParamsBuilder topK(int value) {
    topK = value;
    return this;
  }

  public SamplingParamsBuilder minP(float value) {
    minP = value;
    return this;
  }

  public SamplingParamsBuilder seed(Long value) {
    seed = value;
    return this;
  }

  public SamplingParamsBuilder stop(List<String> value) {
    stop = value == null ? List.of() : value;
    return this;
  }

  public SamplingParamsBuilder stopTokenIds(List<Integer> value) {
    stopTokenIds = value == null ? List.of() : value;
    return this;
  }

  public SamplingParamsBuilder ignoreEos(boolean value) {
    ignoreEos = value;
    return this;
  }

  public SamplingParamsBuilder maxTokens(Integer value) {
    maxTokens = value;
    return this;
  }

  public SamplingParamsBuilder minTokens(int value) {
    minTokens = value;
    return this;
  }

  public SamplingParamsBuilder logprobs(Integer value) {
    logprobs = value;
    return this;
  }

  public SamplingParamsBuilder promptLogprobs(Integer value) {
    promptLogprobs = value;
    return this;
  }

  public SamplingParamsBuilder detokenize(boolean value) {
    detokenize = value;
    return this;
  }

  public SamplingParamsBuilder skipSpecialTokens(boolean value) {
    skipSpecialTokens = value;
    return this;
  }

  public SamplingParamsBuilder spacesBetweenSpecialTokens(boolean value) {
    spacesBetweenSpecialTokens = value;
    return this;
  }

  public SamplingParamsBuilder includeStopStrInOutput(boolean value) {
    includeStopStrInOutput = value;
    return this;
  }

  public SamplingParamsBuilder logitBias(Map<Integer, Float> value) {
    logitBias = value == null ? Map.of() : value;
    return this;
  }

  public SamplingParamsBuilder allowedTokenIds(List<Integer> value) {
    allowedTokenIds = value;
    return this;
  }

  public SamplingParamsBuilder badWords(List<String> value) {
    badWords = value == null ? List.of() : value;
    return this;
  }

  /**
   * @throws InvalidRequestException when a value is out of its range
   */
  public SamplingParams build() {
    check();
    boolean greedy = temperature < GREEDY_BELOW;
    // Colder than this and the division by it overflows.
    float warm = greedy ? 0 : Math.max(temperature, LEAST_TEMPERATURE);
    return new SamplingParams(
        n,
        presencePenalty,
        frequencyPenalty,
        repetitionPenalty,
        warm,
        greedy ? 1 : topP,
        greedy ? 0 : Math.max(0, topK),
        greedy ? 0 : minP,
        seed != null && seed == -1 ? null : seed,
        List.copyOf(stop),
        List.copyOf(stopTokenIds),
        ignoreEos,
        maxTokens,
        minTokens,
        logprobs,
        promptLogprobs,
        detokenize,
        skipSpecialTokens,
        spacesBetweenSpecialTokens,
        includeStopStrInOutput,
        clampedBias(),
        allowedTokenIds == null ? null : List.copyOf(allowedTokenIds),
        List.copyOf(badWords));
  }

  private void check() {
    require(n >= 1 && n <= MAX_N, "n", "must be 1 to " + MAX_N, n);
    checkRange("presence_penalty", presencePenalty, -2, 2);
    checkRange("frequency_penalty", frequencyPenalty, -2, 2);
    require(
        repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
        "repetition_penalty",
        "must be above 0 and finite",
        repetitionPenalty);
    checkRange("temperature", temperature, 0, 2);
    require(topP > 0 && topP <= 1, "top_p", "must be in (0, 1]", topP);
    require(topK >= -1, "top_k", "must be 0 or -1 (off), or at least 1", topK);
    checkRange("min_p", minP, 0, 1);
    require(maxTokens == null || maxTokens >= 1, "max_tokens", "must be at least 1", maxTokens);
    require(minTokens >= 0, "min_tokens", "must be at least 0", minTokens);
    require(
        maxTokens == null || minTokens <= maxTokens,
        "min_tokens",
        "must be at most max_tokens, which is " + maxTokens,
        minTokens);
    checkLogprobs("logprobs", logprobs);
    checkLogprobs("prompt_logprobs", promptLogprobs);
    checkLists();
    require(n == 1 || temperature >= GREEDY_BELOW, "n", "must be 1 with greedy sampling", n);
  }

  private void checkLists() {
    for (String each : stop) require(!each.isEmpty(), "stop", "must hold no empty string", stop);
    require(stop.isEmpty() || detokenize, "stop", "needs detokenize, which is false", stop);
    require(
        allowedTokenIds == null || !allowedTokenIds.isEmpty(),
        "allowed_token_ids",
        "must not be empty",
        allowedTokenIds);
    for (String word : badWords)
      require(!word.isBlank(), "bad_words", "must hold no empty string", badWords);
    for (Map.Entry<Integer, Float> bias : logitBias.entrySet())
      require(!bias.getValue().isNaN(), "logit_bias", "must hold numbers", logitBias);
  }

  private static void checkLogprobs(String param, Integer value) {
    require(
        value == null || value >= -1,
        param,
        "must be at least 0, or -1 for the whole vocabulary",
        value);
  }

  /** NaN is in no range. */
  private static void checkRange(String param, float value, float least, float most) {
    if (!(value >= least && value <= most))
      throw refusal(param, "must be in [" + (int) least + ", " + (int) most + "]", value);
  }

  private static void require(boolean holds, String param, String rule, Object value) {
    if (!holds) throw refusal(param, rule, value);
  }

  private static InvalidRequestException refusal(String param, String rule, Object value) {
    return new InvalidRequestException(param + " " + rule + ", got " + value, param);
  }

  private Map<Integer, Float> clampedBias() {
    Map<Integer, Float> clamped = new HashMap<>();
    logitBias.forEach((id, bias) -> clamped.put(id, Math.clamp(bias, -MAX_BIAS, MAX_BIAS)));
    return Map.copyOf(clamped);
  }
}
