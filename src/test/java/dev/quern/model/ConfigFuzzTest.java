package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Mutated configs give a spec or a {@link ModelConfigException}, nothing else, in bounded time and
 * memory. {@code -Dquern.fuzz=100000} or {@code QUERN_TEST_FUZZ=100000} runs more of them.
 */
class ConfigFuzzTest {
  private static final String[] VALUES = {
    "-1",
    "0",
    "1",
    "2147483647",
    "2147483648",
    "-9223372036854775808",
    "1e308",
    "1e999",
    "NaN",
    "-Infinity",
    "0.1",
    "\"\"",
    "\"12\"",
    "\"linear\"",
    "\"yarn\"",
    "\"longrope\"",
    "\"dynamic\"",
    "\"proportional\"",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[[[]]]",
    "[1,2]",
    "[null]",
    "[\"sliding_attention\"]",
    "{\"a\":{}}",
    "{\"rope_type\":\"yarn\",\"factor\":1e300}",
    "{\"full_attention\":{\"rope_type\":\"ntk\",\"factor\":2}}",
    "4096",
    "16777216",
    "1e-300"
  };
  private static final String[] KEYS = {
    "text_config",
    "rope_scaling",
    "rope_parameters",
    "rope_theta",
    "head_dim",
    "layer_types",
    "model_max_length",
    "partial_rotary_factor",
    "original_max_position_embeddings",
    "rope_type",
    "type",
    "factor",
    "alpha",
    "mixed_b",
    "beta_fast",
    "short_factor",
    "low_freq_factor",
    "high_freq_factor",
    "quantization_config",
    "architectures",
    "sliding_window",
    "dtype",
    "use_sliding_window",
    "attention_factor",
    "mscale",
    "mscale_all_dim",
    "truncate"
  };

  @Test
  void configs() throws IOException {
    int inputs = Integer.getInteger("quern.fuzz", fromEnvironment());
    List<String> seeds = seeds();
    SplittableRandom random = new SplittableRandom(20250117);
    int accepted = 0;
    for (int i = 0; i < inputs; i++) {
      String json = seeds.get(random.nextInt(seeds.size()));
      for (int change = random.nextInt(4); change >= 0; change--) {
        json = mutate(json, random);
      }
      accepted += accepted(json) ? 1 : 0;
    }
    assertTrue(accepted > inputs / 100 && accepted < inputs * 9 / 10, accepted + " of " + inputs);
  }

  private static boolean accepted(String json) {
    try {
      ModelConfig config = ModelConfig.parse("config.json", json, null);
      GenerationDefaults.choose("vllm", null, config, null);
      Description model = Families.describe(config, SpecOptions.DEFAULT);
      MemoryNeeds.of(
          model.spec(), model.weights(), new BatchLimits(1 << 20, 1024, 1, 20), 16, DType.F32);
      return true;
    } catch (ModelConfigException e) {
      assertTrue(e.getMessage().length() < 10_000, e.getMessage());
      return false;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError("input: " + json.substring(0, Math.min(5000, json.length())), e);
    }
  }

  private static String mutate(String json, SplittableRandom random) {
    int at = random.nextInt(json.length() + 1);
    return switch (random.nextInt(10)) {
      case 0 -> json.substring(0, at);
      case 1 -> json.substring(0, at) + (char) random.nextInt(1, 256) + json.substring(at);
      case 2 -> json.substring(0, at) + json.substring(Math.min(json.length(), at + 3));
      case 3 -> json.replaceFirst("[0-9]+", "9".repeat(random.nextInt(1, 2000)));
      case 4, 5 ->
          "{\"%s\":%s,".formatted(pick(KEYS, random), pick(VALUES, random))
              + (json.startsWith("{") ? json.substring(1) : json);
      default -> replaceValue(json, random);
    };
  }

  /** Gives the value after a random colon another one. */
  private static String replaceValue(String json, SplittableRandom random) {
    int colon = json.indexOf(':', random.nextInt(Math.max(1, json.length())));
    if (colon < 0) {
      return json;
    }
    int end = colon + 1;
    while (end < json.length() && ",}]".indexOf(json.charAt(end)) < 0) {
      end++;
    }
    return json.substring(0, colon + 1) + pick(VALUES, random) + json.substring(end);
  }

  private static String pick(String[] values, SplittableRandom random) {
    return values[random.nextInt(values.length)];
  }

  private static List<String> seeds() throws IOException {
    List<String> seeds = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ConfigFuzzTest.class.getResourceAsStream("/golden/models.jsonl"),
                StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode golden = new ObjectMapper().readTree(line);
        seeds.add(golden.get("config").toString());
      }
    }
    return seeds;
  }

  private static int fromEnvironment() {
    String inputs = System.getenv("QUERN_TEST_FUZZ");
    return inputs == null ? 2000 : Integer.parseInt(inputs);
  }
}
