package dev.quern.engine;

/**
 * What a model's {@code generation_config.json} says of sampling; null where it says nothing. A
 * request's own field wins, except that {@code maxNewTokens} caps every output.
 */
public record SamplingDefaults(
    Float repetitionPenalty,
    Float temperature,
    Integer topK,
    Float topP,
    Float minP,
    Integer maxNewTokens) {
  public static final SamplingDefaults NONE =
      new SamplingDefaults(null, null, null, null, null, null);
}
