package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Ranges of the sampling parameters, and of a request against the engine. */
final class ValidationTest {
  private static void refused(String param, String value, Consumer<SamplingParamsBuilder> set) {
    SamplingParamsBuilder builder = SamplingParams.builder();
    set.accept(builder);
    check(param, value, assertThrows(InvalidRequestException.class, builder::build));
  }

  private static void check(String param, String value, InvalidRequestException e) {
    assertEquals(param, e.param());
    assertTrue(e.getMessage().contains(value), e.getMessage() + " should name " + value);
  }

  private static SamplingParams built(Consumer<SamplingParamsBuilder> set) {
    SamplingParamsBuilder builder = SamplingParams.builder();
    set.accept(builder);
    return builder.build();
  }

  @Test
  void valuesOutOfRangeAreNamed() {
    refused("n", "got 0", b -> b.n(0));
    refused("n", "16385", b -> b.n(16385));
    refused("n", "got 2", b -> b.n(2).temperature(0));
    refused("presence_penalty", "2.1", b -> b.presencePenalty(2.1f));
    refused("presence_penalty", "NaN", b -> b.presencePenalty(Float.NaN));
    refused("frequency_penalty", "-2.5", b -> b.frequencyPenalty(-2.5f));
    refused("repetition_penalty", "got 0", b -> b.repetitionPenalty(0));
    refused("repetition_penalty", "Infinity", b -> b.repetitionPenalty(1 / 0f));
    refused("temperature", "-0.1", b -> b.temperature(-0.1f));
    refused("temperature", "2.01", b -> b.temperature(2.01f));
    refused("temperature", "NaN", b -> b.temperature(Float.NaN));
    refused("top_p", "got 0", b -> b.topP(0));
    refused("top_p", "1.1", b -> b.topP(1.1f));
    refused("top_k", "-2", b -> b.topK(-2));
    refused("min_p", "1.5", b -> b.minP(1.5f));
    refused("max_tokens", "got 0", b -> b.maxTokens(0));
    refused("min_tokens", "-1", b -> b.minTokens(-1));
    refused("min_tokens", "17", b -> b.minTokens(17));
    refused("logprobs", "-2", b -> b.logprobs(-2));
    refused("prompt_logprobs", "-3", b -> b.promptLogprobs(-3));
    refused("stop", "empty", b -> b.stop(List.of("a", "")));
    refused("stop", "detokenize", b -> b.stop(List.of("a")).detokenize(false));
    refused("allowed_token_ids", "empty", b -> b.allowedTokenIds(List.of()));
    refused("bad_words", "empty", b -> b.badWords(List.of("")));
  }

  @Test
  void edgesAreTaken() {
    built(b -> b.n(16384).presencePenalty(-2).frequencyPenalty(2).temperature(2).topP(1).minP(1));
    built(b -> b.topK(-1).maxTokens(1).minTokens(1).logprobs(-1).promptLogprobs(0));
    built(b -> b.maxTokens(null).minTokens(1_000_000));
    built(b -> b.stop(null).stopTokenIds(null).logitBias(null).badWords(null));
  }

  @Test
  void valuesAreNormalised() {
    assertEquals(0.01f, built(b -> b.temperature(0.001f)).temperature());
    SamplingParams greedy = built(b -> b.temperature(1e-6f).topP(0.5f).topK(5).minP(0.2f));
    assertTrue(greedy.greedy());
    assertEquals(1, greedy.topP());
    assertEquals(0, greedy.topK());
    assertEquals(0, greedy.minP());
    assertEquals(0, built(b -> b.topK(-1)).topK());
    assertNull(built(b -> b.seed(-1L)).seed());
    assertEquals(
        Map.of(1, 100f, 2, -100f, 3, 4f),
        built(b -> b.logitBias(Map.of(1, 1e9f, 2, -101f, 3, 4f))).logitBias());
  }

  @Test
  void requestsAreCheckedAgainstTheEngine() {
    try (Engine engine = new FakeEngine().start()) {
      refused(engine, "prompt", "empty", new int[0], b -> {});
      refused(engine, "prompt", "64", new int[] {1, 64}, b -> {});
      refused(engine, "prompt", "-1", new int[] {-1}, b -> {});
      refused(engine, "prompt", "80", new int[80], b -> {});
      refused(engine, "prompt", "81", new int[81], b -> {});
      int[] prompt = {7};
      refused(engine, "logprobs", "21", prompt, b -> b.logprobs(21));
      refused(engine, "logprobs", "64", prompt, b -> b.logprobs(-1));
      refused(engine, "prompt_logprobs", "21", prompt, b -> b.promptLogprobs(21));
      refused(engine, "logit_bias", "64", prompt, b -> b.logitBias(Map.of(64, 1f)));
      refused(engine, "allowed_token_ids", "-5", prompt, b -> b.allowedTokenIds(List.of(-5)));
      refused(engine, "stop", "tokenizer", prompt, b -> b.stop(List.of("a")));
      refused(engine, "bad_words", "tokenizer", prompt, b -> b.badWords(List.of("a")));
      assertEquals(
          1, FakeEngine.run(engine, new int[79], SamplingParams.builder()).outputs().size());
    }
  }

  private static void refused(
      Engine engine,
      String param,
      String value,
      int[] prompt,
      Consumer<SamplingParamsBuilder> set) {
    SamplingParamsBuilder builder = SamplingParams.builder();
    set.accept(builder);
    Request request = FakeEngine.request(prompt, builder);
    check(
        param,
        value,
        assertThrows(InvalidRequestException.class, () -> engine.submit(request, null)));
  }
}
