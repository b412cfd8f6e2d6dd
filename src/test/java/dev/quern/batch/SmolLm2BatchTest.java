package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.openai.Json;
import dev.quern.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real 135M chat model through a batch job against greedy answers of transformers, one sequence
 * at a time and all at once. {@code QUERN_TEST_SMOLLM2} names its folder and {@code
 * QUERN_TEST_SMOLLM2_GOLDEN} the answers, if they are not in {@code golden.json} beside the
 * weights.
 */
class SmolLm2BatchTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 8})
  void greedyAnswersAreThoseOfTransformers(int maxNumSeqs) throws Exception {
    String folderName = System.getenv("QUERN_TEST_SMOLLM2");
    assumeTrue(folderName != null, "QUERN_TEST_SMOLLM2 names no model folder");
    String goldenName = System.getenv("QUERN_TEST_SMOLLM2_GOLDEN");
    Path golden = Path.of(goldenName == null ? folderName + "/golden.json" : goldenName);
    assumeTrue(Files.exists(golden), golden + " is not there");

    JsonNode answers = Json.parse(Files.readAllBytes(golden));
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int i = 0; i < answers.size(); i++) {
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      line.put("custom_id", "a" + i);
      line.set("messages", answers.get(i).get("messages"));
      line.put("temperature", 0);
      line.put("max_tokens", answers.get(i).get("output_ids").size());
      line.put("return_token_ids", true);
      lines.write(Json.write(line));
      lines.write('\n');
    }
    Map<String, String> flags =
        Map.of("model", folderName, "max-num-seqs", "" + maxNumSeqs, "max-model-len", "512");
    try (LoadedModel model = ModelCache.load(Settings.load(flags), false)) {
      Map<String, JsonNode> results =
          BuiltInModelTest.run(model, lines.toString(StandardCharsets.UTF_8), ExitCode.DONE);
      for (int i = 0; i < answers.size(); i++) {
        JsonNode body = results.get("a" + i).at("/response/body");
        assertEquals(answers.get(i).get("prompt_ids"), body.get("prompt_token_ids"));
        JsonNode choice = body.at("/choices/0");
        assertEquals(answers.get(i).get("output_ids"), choice.get("token_ids"));
        assertEquals(answers.get(i).get("text"), choice.at("/message/content"));
      }
    }
  }
}
