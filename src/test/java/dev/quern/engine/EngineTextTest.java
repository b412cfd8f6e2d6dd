package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.text.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text, stop conditions and bad words, with the built-in model's tokenizer and random tokens. */
@Timeout(300)
final class EngineTextTest {
  private static Tokenizer tokenizer;
  private static final int[] PROMPT = {100, 200, 300};

  private FakeEngine fake;
  private Engine engine;

  @BeforeAll
  static void open() throws IOException, URISyntaxException {
    URI config = EngineTextTest.class.getResource("/models/quern/tales-5m/config.json").toURI();
    tokenizer = Tokenizer.open(Path.of(config).getParent());
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @BeforeEach
  void start() {
    start(0);
  }

  private void start(int lookAhead) {
    if (engine != null) engine.close();
    fake = new FakeEngine();
    fake.lookAhead = lookAhead;
    fake.tokenizer = tokenizer;
    fake.vocabulary = tokenizer.vocabularySize();
    fake.eos = new int[] {tokenizer.eosTokenId()};
    engine = fake.start();
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static SamplingParamsBuilder params() {
    return SamplingParams.builder().seed(4L).ignoreEos(true).maxTokens(40);
  }

  private GenerationResult.Output run(SamplingParamsBuilder params) {
    return FakeEngine.run(engine, PROMPT, params).outputs().getFirst();
  }

  @Test
  void deltasAddUpToTheResult() {
    FakeEngine.Recorder recorder = new FakeEngine.Recorder();
    Request request = FakeEngine.request(PROMPT, params().stop(List.of("never to be found")));
    GenerationResult.Output output =
        FakeEngine.await(engine.submit(request, recorder)).outputs().getFirst();
    StringBuilder text = new StringBuilder();
    List<Integer> tokens = new ArrayList<>();
    for (Delta delta : recorder.deltas) {
      text.append(delta.text());
      for (int token : delta.tokens()) tokens.add(token);
      assertEquals(delta == recorder.deltas.getLast(), delta.finish() != null);
    }
    assertEquals(40, tokens.size());
    assertArrayEquals(output.tokens(), tokens.stream().mapToInt(i -> i).toArray());
    assertEquals(output.text(), text.toString());
    String atOnce = tokenizer.decode(output.tokens(), true);
    assertEquals(atOnce.stripLeading(), output.text().stripLeading());
    assertEquals(FinishReason.LENGTH, output.finish());
  }

  @Test
  void noTextWhereNoneIsWanted() {
    assertEquals("", run(params().detokenize(false)).text());
    fake.tokenizer = null;
    try (Engine bare = fake.start()) {
      GenerationResult result = FakeEngine.run(bare, PROMPT, params());
      assertEquals("", result.outputs().getFirst().text());
      assertEquals(40, result.outputs().getFirst().tokens().length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aStopStringEndsTheText(int lookAhead) {
    start(lookAhead);
    String whole = run(params()).text();
    String stop = whole.substring(30, 36);
    int at = whole.indexOf(stop);

    GenerationResult.Output cut = run(params().stop(List.of("no such thing", stop)));
    assertEquals(FinishReason.STOP, cut.finish());
    assertEquals(stop, cut.stopReason());
    assertEquals(whole.substring(0, at), cut.text());
    assertTrue(cut.tokens().length < 40);
    String spanned = tokenizer.decode(cut.tokens(), true);
    assertTrue(spanned.contains(stop.strip()), "the ids that stopped it are included");

    GenerationResult.Output kept = run(params().stop(List.of(stop)).includeStopStrInOutput(true));
    assertEquals(whole.substring(0, at) + stop, kept.text());
    assertArrayEquals(cut.tokens(), kept.tokens());
    assertEquals(0, FakeEngine.idle(engine).running());
  }

  @Test
  void stopStringsDoNotCountBeforeMinTokens() {
    GenerationResult.Output whole = run(params());
    String stop = whole.text().substring(30, 36);
    int tokens = run(params().stop(List.of(stop))).tokens().length;
    GenerationResult.Output sooner = run(params().stop(List.of(stop)).minTokens(tokens - 1));
    assertEquals(stop, sooner.stopReason());
    GenerationResult.Output later = run(params().stop(List.of(stop)).minTokens(tokens));
    assertEquals(FinishReason.LENGTH, later.finish());
    assertEquals(whole.text(), later.text());
  }

  @Test
  void aStopIdEndsItAndIsLeftOutOfTheText() {
    GenerationResult.Output whole = run(params());
    int stop = whole.tokens()[12];
    int at = 0;
    while (whole.tokens()[at] != stop) at++;

    GenerationResult.Output cut = run(params().stopTokenIds(List.of(stop)));
    assertEquals(FinishReason.STOP, cut.finish());
    assertEquals(stop, cut.stopReason());
    assertArrayEquals(Arrays.copyOf(whole.tokens(), at + 1), cut.tokens());
    assertEquals(textOf(cut.tokens(), at), cut.text());

    GenerationResult.Output kept =
        run(params().stopTokenIds(List.of(stop)).includeStopStrInOutput(true));
    assertEquals(textOf(cut.tokens(), at + 1), kept.text());
  }

  /** The text of the first ids as it continues the prompt. */
  private static String textOf(int[] tokens, int count) {
    dev.quern.text.StreamDecoder decoder =
        new dev.quern.text.StreamDecoder(tokenizer, PROMPT, true, true);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) text.append(decoder.push(tokens[i]));
    return text.append(decoder.finish()).toString();
  }

  @Test
  void theModelsOwnEndHasNoStopReason() {
    int[] whole = run(params()).tokens();
    fake.eos = new int[] {whole[7], 1};
    try (Engine ending = fake.start()) {
      GenerationResult.Output output =
          FakeEngine.run(ending, PROMPT, params().ignoreEos(false)).outputs().getFirst();
      assertEquals(FinishReason.STOP, output.finish());
      assertNull(output.stopReason());
      assertTrue(output.tokens().length <= 8);
      assertEquals(textOf(output.tokens(), output.tokens().length - 1), output.text());
      // Also where it is named as a stop id.
      GenerationResult.Output named =
          FakeEngine.run(ending, PROMPT, params().ignoreEos(false).stopTokenIds(List.of(whole[7])))
              .outputs()
              .getFirst();
      assertNull(named.stopReason());
      // And never before min_tokens, not even where it is ignored as an end.
      for (boolean ignored : new boolean[] {true, false}) {
        int[] banned =
            FakeEngine.run(ending, PROMPT, params().ignoreEos(ignored).minTokens(20))
                .outputs()
                .getFirst()
                .tokens();
        for (int i = 0; i < 20; i++) assertFalse(banned[i] == whole[7], "banned");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void badWordsDoNotComeUp(int lookAhead) {
    start(lookAhead);
    int[] before = run(params()).tokens();
    String single = tokenizer.decode(new int[] {before[5]}, true);
    GenerationResult.Output first = run(params().badWords(List.of(single)));
    int[] ids = tokenizer.encode(single.strip(), false);
    if (ids.length == 1) for (int token : first.tokens()) assertFalse(token == ids[0]);

    // A word of several ids: two that followed each other, as one text.
    int at = pairThatEncodesAsItself(before);
    String pair = tokenizer.decode(new int[] {before[at], before[at + 1]}, true);
    GenerationResult.Output second = run(params().badWords(List.of(pair)));
    assertArrayEquals(Arrays.copyOf(before, at + 1), Arrays.copyOf(second.tokens(), at + 1));
    assertFalse(second.tokens()[at + 1] == before[at + 1], "its last id is banned there");
    for (int i = 0; i + 1 < second.tokens().length; i++)
      assertFalse(second.tokens()[i] == before[at] && second.tokens()[i + 1] == before[at + 1]);
  }

  private static int pairThatEncodesAsItself(int[] tokens) {
    for (int i = 0; i + 1 < tokens.length; i++) {
      int[] pair = {tokens[i], tokens[i + 1]};
      String text = tokenizer.decode(pair, true).stripLeading();
      int[] bare = tokenizer.encode(text, false);
      int[] spaced = tokenizer.encode(" " + text, false);
      // A spaced word is banned only where it has as many ids as the bare one.
      if (Arrays.equals(bare, pair) || (bare.length == 2 && Arrays.equals(spaced, pair))) return i;
    }
    throw new AssertionError("no pair of ids that encodes as itself");
  }

  @Test
  void theContextsEndIsALength() {
    GenerationResult.Output output = run(params().maxTokens(null));
    assertEquals(FinishReason.LENGTH, output.finish());
    assertEquals(80 - PROMPT.length, output.tokens().length);
    assertEquals(2, run(params().maxTokens(2)).tokens().length);
  }

  @Test
  void specialTokensAreSkippedOrKept() {
    int special = tokenizer.eosTokenId();
    SamplingParamsBuilder only = params().maxTokens(3).allowedTokenIds(List.of(special));
    assertEquals("", run(only).text());
    String kept = run(only.skipSpecialTokens(false)).text();
    assertEquals(tokenizer.token(special).repeat(3), kept.replace(" ", ""));
  }

  @Test
  void theWholeVocabularysLogprobsComeBestFirst() {
    fake.maxLogprobs = -1;
    try (Engine open = fake.start()) {
      for (int wanted : new int[] {-1, 50}) {
        GenerationResult result =
            FakeEngine.run(
                open, PROMPT, params().maxTokens(2).logprobs(wanted).promptLogprobs(wanted));
        TokenLogprobs logprobs = result.outputs().getFirst().logprobs().getFirst();
        float[] raw = FakeModel.logitsAfter(PROMPT, PROMPT.length, fake.vocabulary);
        int count = wanted == -1 ? fake.vocabulary : wanted;
        assertEquals(count, logprobs.topIds().length);
        assertEquals(count, result.promptLogprobs().get(1).topIds().length);
        for (int i = 0; i < count; i++) {
          int id = logprobs.topIds()[i];
          assertEquals(FakeSampler.logprob(raw, id), logprobs.topLogprobs()[i]);
          if (i > 0) assertTrue(raw[id] <= raw[logprobs.topIds()[i - 1]]);
        }
      }
    }
  }
}
