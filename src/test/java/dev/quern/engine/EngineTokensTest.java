package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the steps were, a request's tokens and logprobs are those of the reference, which knows
 * neither steps nor blocks: batch of N = N singles, chunked = whole, prefix hit = miss, preempted =
 * not, look-ahead 0 = 1.
 */
final class EngineTokensTest {
  @ParameterizedTest(
      name = "look-ahead {0}, budget {1}, blocks {2}, prefix {3}, chunked {4}, padding {5}")
  @CsvSource({
    "0, 32, 200, true, true, 1",
    "1, 32, 200, true, true, 1",
    "0, 1000, 200, true, true, 4",
    "1, 1000, 200, true, true, 4",
    "0, 7, 12, true, true, 1",
    "1, 7, 12, true, true, 1",
    "0, 32, 11, false, true, 1",
    "1, 32, 11, false, true, 3",
    "0, 100, 14, true, false, 1",
    "1, 100, 14, true, false, 1",
  })
  void everyRequestGetsItsOwnTokens(
      int lookAhead, int budget, int blocks, boolean prefix, boolean chunked, int padding) {
    FakeEngine fake = new FakeEngine();
    fake.lookAhead = lookAhead;
    fake.maxNumBatchedTokens = budget;
    fake.kvBlocks = blocks;
    fake.prefixCaching = prefix;
    fake.chunkedPrefill = chunked;
    fake.padding = padding;
    Random random = new Random(5);
    try (Engine engine = fake.start()) {
      List<Generation> generations = new ArrayList<>();
      for (int i = 0; i < 300; i++) generations.add(engine.submit(randomRequest(random, i), null));
      for (Generation generation : generations) check(fake, FakeEngine.await(generation));
      EngineStats stats = FakeEngine.idle(engine);
      assertEquals(0, stats.running() + stats.waiting());
      assertEquals(prefix, stats.prefixHitTokens() > 0);
      assertTrue(blocks == 200 || stats.preemptions() > 0, "preemptions " + stats.preemptions());
    }
  }

  /** A third begins as the one before it; the fields come in all mixtures. */
  private static Request randomRequest(Random random, int number) {
    int[] prompt = new Random(number % 3 == 0 ? number : number - 1).ints(60, 6, 64).toArray();
    prompt = Arrays.copyOf(prompt, 1 + random.nextInt(60));
    SamplingParamsBuilder params = SamplingParams.builder().seed((long) number);
    params.temperature(random.nextInt(3) == 0 ? 0 : 0.7f);
    params.maxTokens(random.nextInt(9) == 0 ? null : 1 + random.nextInt(30));
    if (random.nextInt(3) == 0) params.repetitionPenalty(1.3f).frequencyPenalty(0.5f);
    if (random.nextInt(4) == 0) params.presencePenalty(1);
    if (random.nextInt(4) == 0) params.stopTokenIds(List.of(9, 10, 11, 12, 13));
    if (random.nextInt(5) == 0) params.maxTokens(20).minTokens(1 + random.nextInt(19));
    if (random.nextInt(5) == 0) params.ignoreEos(true);
    if (random.nextInt(5) == 0) params.logitBias(Map.of(20, 5f, 3, 4f));
    if (random.nextInt(5) == 0) params.allowedTokenIds(List.of(3, 14, 15, 16, 40, 63));
    if (random.nextInt(3) == 0) params.logprobs(random.nextInt(4));
    if (random.nextInt(6) == 0) params.promptLogprobs(random.nextInt(3));
    if (random.nextInt(4) == 0) params.temperature(1).n(3);
    return FakeEngine.request(prompt, params);
  }

  static void check(FakeEngine fake, GenerationResult result) {
    Request request = result.request();
    SamplingParams params = request.params();
    for (GenerationResult.Output output : result.outputs()) {
      Reference expected = fake.reference(request, params.seed() + output.index());
      assertArrayEquals(expected.tokens, output.tokens());
      assertEquals(expected.finish, output.finish());
      if (params.logprobs() == null) {
        assertNull(output.logprobs());
      } else {
        for (int i = 0; i < output.tokens().length; i++) {
          TokenLogprobs logprobs = output.logprobs().get(i);
          assertEquals(output.tokens()[i], logprobs.token());
          assertEquals(expected.logprobs.get(i), logprobs.logprob());
          assertEquals(params.logprobs(), logprobs.topIds().length);
        }
      }
    }
    checkPrompt(request, result.promptLogprobs());
  }

  private static void checkPrompt(Request request, List<TokenLogprobs> logprobs) {
    if (request.params().promptLogprobs() == null) {
      assertNull(logprobs);
      return;
    }
    int[] prompt = request.promptTokens();
    assertEquals(prompt.length, logprobs.size());
    assertNull(logprobs.getFirst());
    for (int i = 1; i < prompt.length; i++) {
      float[] raw = FakeModel.logitsAfter(prompt, i, FakeEngine.VOCABULARY);
      assertEquals(prompt[i], logprobs.get(i).token());
      assertEquals(FakeSampler.logprob(raw, prompt[i]), logprobs.get(i).logprob());
      assertEquals(FakeSampler.rank(raw, prompt[i]), logprobs.get(i).rank());
      assertEquals(request.params().promptLogprobs(), logprobs.get(i).topIds().length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void outputsOfOnePromptShareItsBlocks(int lookAhead) {
    FakeEngine fake = new FakeEngine();
    fake.lookAhead = lookAhead;
    int[] prompt = new Random(1).ints(41, 6, 64).toArray();
    try (Engine engine = fake.start()) {
      SamplingParamsBuilder params = SamplingParams.builder().n(4).seed(8L).maxTokens(6);
      check(fake, FakeEngine.run(engine, prompt, params));
      assertEquals(3 * 40, engine.stats().prefixHitTokens(), "all but the first find the prompt");
      GenerationResult again = FakeEngine.run(engine, prompt, params);
      assertEquals(40, again.cachedTokens());
      check(fake, again);
    }
  }

  @Test
  void aSaltKeepsPrefixesApart() {
    int[] prompt = new Random(1).ints(41, 6, 64).toArray();
    SamplingParams params = SamplingParams.builder().temperature(0).build();
    try (Engine engine = new FakeEngine().start()) {
      for (String salt : new String[] {null, "a", "b"})
        for (int expected : new int[] {0, 40}) {
          Request request = new Request("r", prompt, params, salt);
          GenerationResult result = FakeEngine.await(engine.submit(request, null));
          assertEquals(expected, result.cachedTokens(), "salt " + salt);
        }
    }
  }

  @Test
  void seedsNotGivenComeFromTheEnginesAndTheOrder() {
    int[] prompt = {10, 11, 12};
    SamplingParamsBuilder params = SamplingParams.builder().ignoreEos(true).maxTokens(12);
    FakeEngine fake = new FakeEngine();
    List<int[]> first = sampleTwice(fake, prompt, params);
    List<int[]> second = sampleTwice(fake, prompt, params);
    assertArrayEquals(first.get(0), second.get(0));
    assertArrayEquals(first.get(1), second.get(1));
    assertNotEquals(Arrays.toString(first.get(0)), Arrays.toString(first.get(1)));
    fake.seed++;
    List<int[]> other = sampleTwice(fake, prompt, params);
    assertNotEquals(Arrays.toString(first.get(0)), Arrays.toString(other.get(0)));
  }

  private static List<int[]> sampleTwice(
      FakeEngine fake, int[] prompt, SamplingParamsBuilder params) {
    try (Engine engine = fake.start()) {
      List<int[]> outputs = new ArrayList<>();
      for (int i = 0; i < 2; i++)
        outputs.add(FakeEngine.run(engine, prompt, params).outputs().getFirst().tokens());
      return outputs;
    }
  }
}
