package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.LoadFormat;
import dev.quern.checkpoint.WeightLoader;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * A real 135M chat model in bfloat16 against greedy answers of transformers. {@code
 * QUERN_TEST_SMOLLM2} names its folder and {@code QUERN_TEST_SMOLLM2_GOLDEN} the answers, if they
 * are not in {@code golden.json} beside the weights.
 */
class SmolLm2Test {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void greedyAnswersAreThoseOfTransformers() throws IOException {
    String folderName = System.getenv("QUERN_TEST_SMOLLM2");
    assumeTrue(folderName != null, "QUERN_TEST_SMOLLM2 names no model folder");
    Path folder = Path.of(folderName);
    String goldenName = System.getenv("QUERN_TEST_SMOLLM2_GOLDEN");
    Path golden = goldenName == null ? folder.resolve("golden.json") : Path.of(goldenName);
    assumeTrue(Files.exists(golden), golden + " is not there");

    ModelConfig config = ModelConfig.read(folder, null);
    Description model = Families.describe(config, new SpecOptions("auto", null, 512));
    assertEquals(DType.BF16, model.spec().dtype());
    try (Backend backend = CpuBackend.create(0)) {
      BoundWeights weights =
          WeightLoader.load(
              model.weights(), Checkpoint.open(folder, LoadFormat.AUTO), model.spec(), backend);
      for (JsonNode answer : JSON.readTree(golden.toFile())) {
        int[] prompt = JSON.convertValue(answer.get("prompt_ids"), int[].class);
        int[] expected = JSON.convertValue(answer.get("output_ids"), int[].class);
        int tokens = prompt.length + expected.length;
        try (SingleSequence sequence = new SingleSequence(model.spec(), weights, backend, tokens)) {
          int[] produced = new int[expected.length];
          produced[0] = sequence.feed(prompt);
          for (int i = 1; i < produced.length; i++) {
            produced[i] = sequence.feed(produced[i - 1]);
          }
          assertEquals(Arrays.toString(expected), Arrays.toString(produced));
        }
      }
    }
  }
}
