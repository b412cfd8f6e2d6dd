package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Frequencies of published rope settings against those of transformers; {@code
 * src/test/python/golden_rope.py} made them.
 */
class RopeGoldenTest {
  @TestFactory
  List<DynamicTest> published() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (InputStream in = RopeGoldenTest.class.getResourceAsStream("/golden/rope.json")) {
      for (JsonNode golden : new ObjectMapper().readTree(in).get("cases")) {
        tests.add(DynamicTest.dynamicTest(golden.get("name").textValue(), () -> check(golden)));
      }
    }
    assertTrue(tests.size() >= 18);
    return tests;
  }

  private static void check(JsonNode golden) {
    JsonNode given = golden.get("config");
    ModelConfig config = config(given.toString());
    int headDim =
        given.has("head_dim")
            ? given.get("head_dim").intValue()
            : given.get("hidden_size").intValue() / given.get("num_attention_heads").intValue();
    RopeSpec rope =
        RopeSettings.read(config, golden.get("layer_type").textValue(), 10_000, 1)
            .spec(
                headDim,
                0,
                ContextLength.positions(config),
                golden.get("length").intValue(),
                false);
    JsonNode expected = golden.get("frequencies");
    assertEquals(expected.size(), rope.inverseFrequencies().length);
    assertEquals(2 * expected.size(), rope.rotaryDim());
    for (int i = 0; i < expected.size(); i++) {
      double frequency = expected.get(i).doubleValue();
      assertEquals(frequency, rope.inverseFrequencies()[i], 1e-6 * frequency, "dimension " + i);
    }
    assertEquals(golden.get("attention_factor").doubleValue(), rope.attentionFactor(), 1e-6);
  }

  @Test
  void tablesHoldCosAndSinOfEveryPosition() {
    float[] frequencies = {1f, 0.31f, 0.0007f};
    float[] table = RopeTable.table(new RopeSpec(frequencies, 1.25f, 6, false), 5000);
    for (int position : new int[] {0, 1, 255, 256, 257, 4095, 4999}) {
      for (int i = 0; i < 3; i++) {
        double angle = position * (double) frequencies[i];
        assertEquals(1.25 * Math.cos(angle), table[position * 6 + i], 1e-7);
        assertEquals(1.25 * Math.sin(angle), table[position * 6 + 3 + i], 1e-7);
      }
    }
  }

  @Test
  void dynamicWithAlphaStretchesTheBase() {
    RopeSpec rope = spec("{'rope_theta': 10000, 'rope_scaling': {'type': 'dynamic', 'alpha': 8}}");
    double base = 10000 * Math.pow(8, 64 / 62.0);
    assertEquals(Math.pow(base, -2.0 / 64), rope.inverseFrequencies()[1], 1e-7);
  }

  @Test
  void ntkStretchesBaseAndFrequencies() {
    RopeSpec rope = spec("{'rope_theta': 10000, 'rope_scaling': {'type': 'ntk', 'factor': 4}}");
    double expected = Math.pow(40000, -2.0 / 64) / Math.pow(4, 2.0 / 64);
    assertEquals(expected, rope.inverseFrequencies()[1], 1e-7);
  }

  @Test
  void spellingsFoldIntoOne() {
    RopeSpec plain = spec("{'rope_theta': 5000, 'partial_rotary_factor': 0.5}");
    assertTrue(plain.sameTable(spec("{'rotary_emb_base': 5000, 'rotary_pct': 0.5}")));
    assertTrue(
        plain.sameTable(
            spec("{'rope_parameters': {'rope_theta': 5000, 'partial_rotary_factor': 0.5}}")));
    assertTrue(
        plain.sameTable(
            spec(
                "{'rope_parameters': {'full_attention': {'rope_type': 'default', 'rope_theta':"
                    + " 5000, 'partial_rotary_factor': 0.5}, 'sliding_attention': {'rope_theta':"
                    + " 7}}}")));
  }

  @Test
  void contradictionsAreRefused() {
    refused("{'rope_scaling': {'type': 'linear', 'rope_type': 'yarn', 'factor': 2}}", "type");
    refused("{'rope_theta': 1, 'rope_parameters': {'rope_theta': 2}}", "rope_theta = 1");
    refused(
        "{'rope_parameters': {'rope_type': 'yarn', 'factor': 2}, 'rope_scaling': {'type':"
            + " 'linear', 'factor': 2}}",
        "rope_scaling");
    refused("{'rope_scaling': {'type': 'xdrope'}}", "xdrope");
    refused("{'rope_scaling': {'type': 'linear', 'factor': -2}}", "rope_scaling.factor = -2");
    refused("{'rope_scaling': {'type': 'linear'}}", "factor");
    refused("{'rope_scaling': {'type': 'mrope'}}", "mrope_section");
    refused("{'rope_scaling': {'type': 'longrope', 'short_factor': [1]}}", "short_factor");
    refused("{'rope_scaling': 3}", "rope_scaling = 3");
    refused("{'partial_rotary_factor': 2}", "partial_rotary_factor = 2");
  }

  private static void refused(String json, String named) {
    String message = assertThrows(ModelConfigException.class, () -> spec(json)).getMessage();
    assertTrue(message.startsWith("config.json: ") && message.contains(named), message);
  }

  private static RopeSpec spec(String json) {
    ModelConfig config = config(json.replace('\'', '"'));
    return RopeSettings.read(config, "full_attention", 10_000, 1).spec(64, 0, 2048, 2048, false);
  }

  private static ModelConfig config(String json) {
    return ModelConfig.parse("config.json", json, null);
  }
}
