package dev.quern.engine;

import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;

/** What can only be checked against the loaded model. */
final class RequestCheck {
  private final EngineSettings settings;
  private final int vocabularySize;
  private final Tokenizer tokenizer;

  RequestCheck(EngineSettings settings, int vocabularySize, Tokenizer tokenizer) {
    this.settings = settings;
    this.vocabularySize = vocabularySize;
    this.tokenizer = tokenizer;
  }

  /** Refuses what can never be served; gives the bad words' ids. */
  BadWords check(Request request) {
    checkPrompt(request.promptTokens());
    SamplingParams params = request.params();
    checkLogprobs(params.logprobs(), "logprobs");
    checkLogprobs(params.promptLogprobs(), "prompt_logprobs");
    for (int id : params.logitBias().keySet()) checkId(id, "logit_bias");
    if (params.allowedTokenIds() != null)
      for (int id : params.allowedTokenIds()) checkId(id, "allowed_token_ids");
    if (tokenizer == null && !params.stop().isEmpty())
      throw new InvalidRequestException(
          "stop strings need a tokenizer, and the engine runs without one; use stop_token_ids",
          "stop");
    return BadWords.of(params.badWords(), tokenizer, vocabularySize);
  }

  private void checkPrompt(int[] prompt) {
    if (prompt.length == 0)
      throw new InvalidRequestException(
          "the prompt is empty: it needs at least one token", "prompt");
    for (int id : prompt)
      if (id < 0 || id >= vocabularySize)
        throw new InvalidRequestException(
            "token id "
                + id
                + " of the prompt is out of vocabulary: ids are 0 to "
                + (vocabularySize - 1),
            "prompt");
    int longest = settings.maxModelLen();
    if (prompt.length > longest)
      throw new InvalidRequestException(
          "the prompt's " + prompt.length + " tokens are more than max_model_len, " + longest,
          "prompt");
    if (prompt.length == longest)
      throw new InvalidRequestException(
          "the prompt's "
              + prompt.length
              + " tokens and at least 1 output token are more than max_model_len, "
              + longest,
          "prompt");
  }

  private void checkLogprobs(Integer wanted, String param) {
    int most = settings.maxLogprobs();
    if (wanted == null || most == -1) return;
    int count = wanted == -1 ? vocabularySize : wanted;
    if (count > most)
      throw new InvalidRequestException(
          param + " of " + count + " is greater than the most allowed, " + most + " (max_logprobs)",
          param);
  }

  private void checkId(int id, String param) {
    if (id < 0 || id >= vocabularySize)
      throw new InvalidRequestException(
          param
              + " has the token id "
              + id
              + ", which is out of vocabulary: ids are 0 to "
              + (vocabularySize - 1),
          param);
  }
}
