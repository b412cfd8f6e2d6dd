package dev.quern.openai;

import dev.quern.engine.TokenLogprobs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One token's probability at a position of the prompt; rank 1 is the most probable. */
record PromptLogprob(float logprob, int rank, String decodedToken) {

  /** For each position the actual token and the alternatives, by id; null at the first. */
  static List<Map<String, PromptLogprob>> of(List<TokenLogprobs> steps, TokenText text) {
    List<Map<String, PromptLogprob>> positions = new ArrayList<>(steps.size());
    for (TokenLogprobs step : steps) {
      if (step == null) {
        positions.add(null);
        continue;
      }
      Map<String, PromptLogprob> byId = new LinkedHashMap<>();
      byId.put(
          Integer.toString(step.token()),
          new PromptLogprob(TokenText.finite(step.logprob()), step.rank(), text.of(step.token())));
      for (int i = 0; i < step.topIds().length; i++)
        byId.putIfAbsent(
            Integer.toString(step.topIds()[i]),
            new PromptLogprob(
                TokenText.finite(step.topLogprobs()[i]), i + 1, text.of(step.topIds()[i])));
      positions.add(byId);
    }
    return positions;
  }
}
