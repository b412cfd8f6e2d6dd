package dev.quern.engine;

import java.util.List;
import java.util.Map;

/** Collects sampling parameters over vLLM's defaults. */
public final class SamplingParamsBuilder {
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
    stop = value;
    return this;
  }

  public SamplingParamsBuilder stopTokenIds(List<Integer> value) {
    stopTokenIds = value;
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
    logitBias = value;
    return this;
  }

  public SamplingParamsBuilder allowedTokenIds(List<Integer> value) {
    allowedTokenIds = value;
    return this;
  }

  public SamplingParamsBuilder badWords(List<String> value) {
    badWords = value;
    return this;
  }

  /**
   * @throws InvalidRequestException when a value is out of its range
   */
  public SamplingParams build() {
    return new SamplingParams(
        n,
        presencePenalty,
        frequencyPenalty,
        repetitionPenalty,
        temperature,
        topP,
        topK,
        minP,
        seed,
        stop,
        stopTokenIds,
        ignoreEos,
        maxTokens,
        minTokens,
        logprobs,
        promptLogprobs,
        detokenize,
        skipSpecialTokens,
        spacesBetweenSpecialTokens,
        includeStopStrInOutput,
        logitBias,
        allowedTokenIds,
        badWords);
  }
}
