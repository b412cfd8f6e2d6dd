package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.backend.cuda.Gpu;
import dev.quern.engine.Generation;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import dev.quern.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * SmolLM2-135M-Instruct on a GPU in fp32, all prompts at once: the greedy tokens are those that
 * transformers gives in fp32. {@code QUERN_TEST_SMOLLM2} names its folder and {@code
 * QUERN_TEST_SMOLLM2_GOLDEN} the answers, if they are not in {@code golden.json} beside the
 * weights.
 */
@Tag("gpu")
final class SmolLm2GpuTest {
  @Test
  void greedyAnswersAreThoseOfTransformers() throws Exception {
    Gpu.assume();
    String folder = System.getenv("QUERN_TEST_SMOLLM2");
    assumeTrue(folder != null, "QUERN_TEST_SMOLLM2 names no model folder");
    String golden = System.getenv("QUERN_TEST_SMOLLM2_GOLDEN");
    JsonNode answers =
        new ObjectMapper()
            .readTree(Path.of(golden == null ? folder + "/golden.json" : golden).toFile());
    Map<String, String> flags =
        Map.of("model", folder, "device", "cuda", "dtype", "float32", "max-model-len", "512");
    try (LoadedModel model = ModelCache.load(Settings.load(flags), true)) {
      List<Generation> running = new ArrayList<>();
      for (JsonNode answer : answers) {
        SamplingParams greedy =
            SamplingParams.builder()
                .temperature(0)
                .ignoreEos(true)
                .maxTokens(answer.get("output_ids").size())
                .build();
        running.add(
            model
                .engine()
                .submit(new Request("golden", ids(answer, "prompt_ids"), greedy, null), null));
      }
      for (int i = 0; i < running.size(); i++) {
        assertEquals(
            Arrays.toString(ids(answers.get(i), "output_ids")),
            Arrays.toString(running.get(i).await().outputs().getFirst().tokens()));
      }
    }
  }

  private static int[] ids(JsonNode answer, String field) {
    int[] ids = new int[answer.get(field).size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = answer.get(field).get(i).intValue();
    }
    return ids;
  }
}
