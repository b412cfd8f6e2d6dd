package dev.quern.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.SamplingParamsBuilder;
import java.util.List;

/** The sampling fields that both endpoints share. */
final class SamplingFields {
  private static final int MAX_STOP_STRINGS = 4;

  private SamplingFields() {}

  /**
   * Everything but {@code max_tokens} and the log-probabilities, whose rules differ by endpoint.
   * Ranges are checked when the builder builds.
   *
   * @param detokenize the model has a tokenizer
   */
  static SamplingParamsBuilder read(Fields body, SamplingDefaults defaults, boolean detokenize) {
    SamplingParamsBuilder params = SamplingParams.builder().detokenize(detokenize);
    Integer n = body.integer("n");
    if (n != null) params.n(n);
    Float presence = body.number("presence_penalty");
    if (presence != null) params.presencePenalty(presence);
    Float frequency = body.number("frequency_penalty");
    if (frequency != null) params.frequencyPenalty(frequency);
    Float repetition = or(body.number("repetition_penalty"), defaults.repetitionPenalty());
    if (repetition != null) params.repetitionPenalty(repetition);
    Float temperature = or(body.number("temperature"), defaults.temperature());
    if (temperature != null) params.temperature(temperature);
    Float topP = or(body.number("top_p"), defaults.topP());
    if (topP != null) params.topP(topP);
    Integer topK = or(body.integer("top_k"), defaults.topK());
    if (topK != null) params.topK(topK);
    Float minP = or(body.number("min_p"), defaults.minP());
    if (minP != null) params.minP(minP);
    Long seed = body.longInteger("seed");
    if (seed != null && seed != -1) params.seed(seed);
    Integer minTokens = body.integer("min_tokens");
    if (minTokens != null) params.minTokens(minTokens);
    List<Integer> stopTokenIds = body.integers("stop_token_ids");
    if (stopTokenIds != null) params.stopTokenIds(stopTokenIds);
    return params
        .stop(stop(body))
        .ignoreEos(body.flag("ignore_eos", false))
        .skipSpecialTokens(body.flag("skip_special_tokens", true))
        .spacesBetweenSpecialTokens(body.flag("spaces_between_special_tokens", true))
        .includeStopStrInOutput(body.flag("include_stop_str_in_output", false))
        .logitBias(body.numbersById("logit_bias"))
        .allowedTokenIds(body.integers("allowed_token_ids"))
        .badWords(body.texts("bad_words"));
  }

  private static List<String> stop(Fields body) {
    JsonNode value = body.get("stop");
    if (value == null) return List.of();
    if (value.isTextual()) return List.of(value.textValue());
    if (!value.isArray()) throw Fields.wrong("stop", "a string or a list of strings", value);
    List<String> stop = body.texts("stop");
    if (stop.size() > MAX_STOP_STRINGS)
      throw ApiException.badRequest(
          "stop must have at most " + MAX_STOP_STRINGS + " strings, got " + stop.size(), "stop");
    return stop;
  }

  private static <T> T or(T value, T otherwise) {
    return value != null ? value : otherwise;
  }
}
