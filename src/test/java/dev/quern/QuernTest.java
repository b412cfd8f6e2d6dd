package dev.quern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.cache.LoadException;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.InvalidRequestException;
import dev.quern.engine.SamplingParams;
import dev.quern.settings.SettingsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The library on the built-in model. */
class QuernTest {
  private static Quern model;

  @BeforeAll
  static void load() {
    model = Quern.load("quern/tales-5m");
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void tellsATale() throws Exception {
    SamplingParams params = model.sampling().maxTokens(60).seed(7L).build();
    GenerationResult result = model.generate("Once upon a time", params);
    String text = result.outputs().getFirst().text();
    assertTrue(text.matches("(?s).*[a-z]{2,} [a-z]{2,}.*"), text);
  }

  @Test
  void aBatchEqualsItsSinglesAndTheStream() throws Exception {
    SamplingParams params = model.sampling().maxTokens(40).seed(3L).build();
    List<String> prompts = List.of("There was once a king", "A poor woodcutter", "The fox said");
    List<GenerationResult> together = model.generate(prompts, params);
    for (int i = 0; i < prompts.size(); i++) {
      assertEquals(
          model.generate(prompts.get(i), params).outputs().getFirst().text(),
          together.get(i).outputs().getFirst().text());
    }
    List<String> pieces = new ArrayList<>();
    model.stream(prompts.get(0), params, delta -> pieces.add(delta.text())).await();
    assertEquals(together.get(0).outputs().getFirst().text(), String.join("", pieces));
  }

  @Test
  void tokenIdsGiveTheSameAsText() throws Exception {
    SamplingParams params = SamplingParams.builder().temperature(0).maxTokens(20).build();
    int[] ids = model.tokenizer().encode("Once upon a time", true);
    assertEquals(
        model.generate("Once upon a time", params).outputs().getFirst().text(),
        model.generateTokens(List.of(ids), params).getFirst().outputs().getFirst().text());
  }

  @Test
  void aPromptThatIsTooLongIsRefused() {
    SamplingParams params = SamplingParams.builder().build();
    assertThrows(
        InvalidRequestException.class, () -> model.generateTokens(List.of(new int[4000]), params));
  }

  @Test
  void whatCannotBeLoadedSaysWhy() {
    LoadException nowhere =
        assertThrows(LoadException.class, () -> Quern.load("no-such/model").close());
    assertTrue(nowhere.getMessage().contains("no-such/model"), nowhere.getMessage());
    assertThrows(
        SettingsException.class,
        () -> Quern.load("quern/tales-5m", Map.of("max-modle-len", "12")).close());
    LoadException tooSmall =
        assertThrows(
            LoadException.class,
            () -> Quern.load("quern/tales-5m", Map.of("kv-cache-memory-bytes", "1000")).close());
    assertTrue(tooSmall.getMessage().contains("--max-model-len"), tooSmall.getMessage());
  }
}
