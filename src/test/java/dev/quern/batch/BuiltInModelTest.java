package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.openai.Json;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Jobs on the built-in model, from text to text. */
class BuiltInModelTest {
  private static final String LINES =
      """
      {"custom_id":"chat","url":"/v1/chat/completions","body":{"model":"other","messages":[{"role":"user","content":"Tell me a tale."}],"max_tokens":12,"temperature":0}}
      {"custom_id":"text","prompt":"Once upon a time","max_tokens":9,"temperature":0}
      {"custom_id":"two","prompt":["There was once","The king"],"n":1,"max_tokens":5,"temperature":0,"echo":true}
      {"custom_id":"seeded","prompt":"The fox","max_tokens":8,"seed":3,"n":2}
      {"custom_id":"hot","prompt":"x","temperature":3}
      {"custom_id":"foreign-id","prompt":[1,2,99999]}
      {"custom_id":"no-prompt","url":"/v1/completions","body":{}}
      {"custom_id":"long","prompt":"x","max_tokens":100000}
      """;

  /** Results by id. */
  static Map<String, JsonNode> run(LoadedModel model, String input, int wantedExit)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(new ByteArrayOutputStream());
    try (BatchJob job =
        new BatchJob(
            Input.of(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))),
            Target.stream(new JsonlStream(out)),
            err,
            false,
            BatchOptions.DEFAULT)) {
      assertEquals(wantedExit, job.run(model, Policy.DEFAULT));
    }
    Map<String, JsonNode> results = new HashMap<>();
    for (String line : out.toString(StandardCharsets.UTF_8).split("\n")) {
      JsonNode result = Json.parse(line.getBytes(StandardCharsets.UTF_8));
      results.put(result.get("custom_id").textValue(), result);
    }
    return results;
  }

  private static LoadedModel load(Map<String, String> flags) {
    return ModelCache.load(Settings.load(flags), false);
  }

  @Test
  void theSameTextComesWhateverRunsBesides() throws Exception {
    Map<String, JsonNode> one;
    Map<String, JsonNode> eight;
    try (LoadedModel model = load(Map.of("max-num-seqs", "1"))) {
      one = run(model, LINES, ExitCode.BAD_INPUT);
    }
    try (LoadedModel model = load(Map.of("max-num-seqs", "8"))) {
      eight = run(model, LINES, ExitCode.BAD_INPUT);
    }
    assertEquals(8, one.size());
    for (String id : List.of("chat", "text", "two", "seeded"))
      assertEquals(
          one.get(id).at("/response/body/choices"), eight.get(id).at("/response/body/choices"), id);

    JsonNode chat = one.get("chat").at("/response/body");
    assertEquals("other", chat.get("model").textValue());
    assertEquals("chat.completion", chat.get("object").textValue());
    assertEquals(12, chat.at("/usage/completion_tokens").intValue());
    assertFalse(chat.at("/choices/0/message/content").textValue().isBlank());
    assertEquals(9, one.get("text").at("/response/body/usage/completion_tokens").intValue());
    JsonNode two = one.get("two").at("/response/body/choices");
    assertTrue(two.at("/1/text").textValue().startsWith("The king"), two.toString());

    error(one.get("hot"), "temperature");
    error(one.get("foreign-id"), "prompt");
    error(one.get("no-prompt"), "prompt");
    error(one.get("long"), "max_tokens");
  }

  private static void error(JsonNode result, String param) {
    assertEquals(400, result.at("/response/status_code").intValue(), result.toString());
    assertEquals(param, result.at("/error/param").textValue(), result.toString());
  }

  @Test
  void idsInAndIdsOutNeedNoTokenizer() throws Exception {
    String lines = Files.readString(Path.of("jobs/smoke.jsonl"));
    try (LoadedModel model = load(Map.of("skip-tokenizer-init", "true"))) {
      Map<String, JsonNode> results = run(model, lines, ExitCode.DONE);
      assertEquals(6, results.size());
      for (JsonNode result : results.values()) {
        JsonNode body = result.at("/response/body");
        int ids = 0;
        for (JsonNode choice : body.get("choices")) ids += choice.get("token_ids").size();
        assertEquals(body.at("/usage/completion_tokens").intValue(), ids, result.toString());
        assertTrue(ids >= 8, result.toString());
      }
      String text = "{\"prompt\":\"needs a tokenizer\"}";
      error(run(model, text, ExitCode.BAD_INPUT).get("line-1"), "prompt");
    }
  }

  @Test
  void tokensAreMadeAndReadWithoutTheEngine() throws Exception {
    String lines =
        """
        {"custom_id":"text","url":"/tokenize","body":{"model":"other","prompt":"Once upon a time"}}
        {"custom_id":"chat","url":"/tokenize","body":{"messages":[{"role":"user","content":"Hi"}]}}
        {"custom_id":"back","url":"/detokenize","body":{"tokens":[%s]}}
        {"custom_id":"none","url":"/tokenize","body":{}}
        {"custom_id":"negative","url":"/detokenize","body":{"tokens":[-1]}}
        {"custom_id":"written","prompt":"Once","max_tokens":2}
        """;
    try (LoadedModel model = load(Map.of("max-num-seqs", "1"))) {
      int[] ids = model.served().tokenizer().encode("Once upon a time", true);
      String list = Arrays.toString(ids).replaceAll("[\\[\\]]", "");
      Map<String, JsonNode> results = run(model, lines.formatted(list), ExitCode.BAD_INPUT);
      JsonNode text = results.get("text").at("/response/body");
      assertEquals(Json.tree(ids), text.get("tokens"));
      assertEquals(ids.length, text.get("count").intValue());
      assertTrue(results.get("chat").at("/response/body/count").intValue() > 4);
      assertEquals("Once upon a time", results.get("back").at("/response/body/prompt").textValue());
      error(results.get("none"), "prompt");
      error(results.get("negative"), "tokens");
      assertEquals(200, results.get("written").at("/response/status_code").intValue());
    }
  }

  /** Lines that would take minutes or all memory are told from their size. */
  @Test
  void hugeLinesAreRefusedAndTheNextGoOn() throws Exception {
    String lists = "{\"x\":[" + "[],".repeat(1_200_000) + "1],\"prompt\":[1]}\n";
    String text = "{\"prompt\":\"" + "x".repeat(8 << 20) + "\"}\n";
    String good = "{\"prompt\":[5,6],\"max_tokens\":2}\n";
    try (LoadedModel model = load(Map.of())) {
      Map<String, JsonNode> results = run(model, lists + text + good, ExitCode.BAD_INPUT);
      String lists0 = results.get("line-1").at("/error/message").textValue();
      assertTrue(lists0.contains("Token count (2000001) exceeds the maximum"), lists0);
      String text0 = results.get("line-2").at("/error/message").textValue();
      assertTrue(text0.contains("the prompt has 8388608 characters"), text0);
      assertEquals(200, results.get("line-3").at("/response/status_code").intValue());
    }
  }
}
