package dev.quern.engine;

import java.util.List;
import java.util.Map;

/**
 * How to generate, with vLLM's names, defaults and ranges. Made by {@link #builder()}, whose {@code
 * build} refuses values out of range with an {@link InvalidRequestException} that names the field
 * and the value.
 *
 * @param n outputs per prompt, 1…16384; 1 when greedy
 * @param presencePenalty [-2, 2]
 * @param frequencyPenalty [-2, 2]
 * @param repetitionPenalty above 0; covers prompt and output
 * @param temperature [0, 2]; below 1e-5 is greedy
 * @param topP (0, 1]
 * @param topK 0 or -1 = off
 * @param minP [0, 1]
 * @param seed null = drawn by the engine
 * @param stop stop strings, none empty
 * @param stopTokenIds ids that end the output besides the model's own
 * @param ignoreEos goes on after an end-of-sequence id
 * @param maxTokens at least 1, or null for up to the context's end
 * @param minTokens no stop before so many tokens
 * @param logprobs alternatives per output token; null = none, -1 = the whole vocabulary
 * @param promptLogprobs the same for the prompt's tokens
 * @param detokenize text is wanted
 * @param skipSpecialTokens special tokens are left out of the text
 * @param spacesBetweenSpecialTokens accepted for vLLM's sake
 * @param includeStopStrInOutput the text keeps the stop string
 * @param logitBias id → what is added to its logit, clamped to ±100
 * @param allowedTokenIds only these may be chosen; null = all
 * @param badWords words that must not come up
 */
public record SamplingParams(
    int n,
    float presencePenalty,
    float frequencyPenalty,
    float repetitionPenalty,
    float temperature,
    float topP,
    int topK,
    float minP,
    Long seed,
    List<String> stop,
    List<Integer> stopTokenIds,
    boolean ignoreEos,
    Integer maxTokens,
    int minTokens,
    Integer logprobs,
    Integer promptLogprobs,
    boolean detokenize,
    boolean skipSpecialTokens,
    boolean spacesBetweenSpecialTokens,
    boolean includeStopStrInOutput,
    Map<Integer, Float> logitBias,
    List<Integer> allowedTokenIds,
    List<String> badWords) {

  public static SamplingParamsBuilder builder() {
    return new SamplingParamsBuilder();
  }

  public boolean greedy() {
    return temperature < 1e-5f;
  }
}
