package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.CudaProbe;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.LoadFormat;
import dev.quern.checkpoint.WeightLoader;
import dev.quern.model.WeightSlot.Source;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tiny random models of every family against logits and greedy tokens that transformers computed;
 * {@code src/test/python/golden_models.py} made them and records the versions.
 */
class GoldenModelsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double TOLERANCE = 1e-3;

  @TempDir Path folder;

  @TestFactory
  List<DynamicTest> plainOps() throws IOException {
    return tests("scalar", () -> CpuBackend.scalar(2));
  }

  @TestFactory
  List<DynamicTest> fastOps() throws IOException {
    return tests("fast", () -> CpuBackend.create(2));
  }

  @TestFactory
  List<DynamicTest> cudaOps() throws IOException {
    if (CudaProbe.get() instanceof CudaProbe.Unavailable(String reason)) {
      return List.of(
          DynamicTest.dynamicTest("cuda", () -> Assumptions.abort("CUDA is not there: " + reason)));
    }
    return tests("cuda", () -> CudaBackend.open(0, DType.F32));
  }

  private List<DynamicTest> tests(String ops, Supplier<Backend> backend) throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : goldens()) {
      String name = golden.get("name").textValue();
      tests.add(DynamicTest.dynamicTest(name + " " + ops, () -> check(name, golden, backend)));
    }
    return tests;
  }

  @Test
  void everyFamilyHasTwoModels() throws IOException {
    Map<String, Integer> models = new HashMap<>();
    for (JsonNode golden : goldens()) {
      models.merge(golden.get("config").get("architectures").get(0).textValue(), 1, Integer::sum);
    }
    Set<String> otherNames =
        Set.of(
            "LLaMAForCausalLM",
            "Gemma3ForConditionalGeneration",
            "StableLMEpochForCausalLM",
            "RWForCausalLM",
            "MPTForCausalLM",
            "Ernie4_5_ForCausalLM");
    for (String name : Families.architectures()) {
      assertTrue(otherNames.contains(name) || models.getOrDefault(name, 0) >= 2, name);
    }
  }

  private static List<JsonNode> goldens() throws IOException {
    List<JsonNode> goldens = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                GoldenModelsTest.class.getResourceAsStream("/golden/models.jsonl"),
                StandardCharsets.UTF_8))) {
      lines.readLine();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        goldens.add(JSON.readTree(line));
      }
    }
    return goldens;
  }

  private void check(String name, JsonNode golden, Supplier<Backend> backends) throws IOException {
    ModelConfig config = ModelConfig.parse(name, golden.get("config").toString(), null);
    Description model = Families.describe(config, SpecOptions.DEFAULT);
    Map<String, Source> tensors = GoldenWeights.tensors(model.weights());
    assertEquals(golden.get("tensors").intValue(), tensors.size(), "tensors: " + tensors.keySet());
    assertEquals(
        golden.get("digest").textValue(), GoldenWeights.digest(tensors), "names and shapes");
    Path files = Files.createTempDirectory(folder, name);
    GoldenWeights.write(files, tensors, golden.get("prefix").textValue());

    int[] prompt = JSON.convertValue(golden.get("prompt"), int[].class);
    int[] greedy = JSON.convertValue(golden.get("greedy"), int[].class);
    int middle = golden.get("rows").get(0).intValue();
    try (Backend backend = backends.get()) {
      BoundWeights weights =
          WeightLoader.load(
              model.weights(),
              Checkpoint.open(files, LoadFormat.SAFETENSORS),
              model.spec(),
              backend);
      int tokens = prompt.length + greedy.length;
      try (SingleSequence sequence = new SingleSequence(model.spec(), weights, backend, tokens)) {
        int[] head = Arrays.copyOf(prompt, middle + 1);
        int[] tail = Arrays.copyOfRange(prompt, middle + 1, prompt.length);
        assertClose(golden.get("logits").get(0), sequence.logits(head));
        assertClose(golden.get("logits").get(1), sequence.logits(tail));
      }
      try (SingleSequence sequence = new SingleSequence(model.spec(), weights, backend, tokens)) {
        int[] produced = new int[greedy.length];
        produced[0] = sequence.feed(prompt);
        for (int i = 1; i < produced.length; i++) {
          produced[i] = sequence.feed(produced[i - 1]);
        }
        assertEquals(Arrays.toString(greedy), Arrays.toString(produced));
      }
    }
  }

  /** Largest difference within a thousandth of the largest logit. */
  private static void assertClose(JsonNode base64, float[] actual) {
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64.textValue()))
            .order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(bytes.remaining() / 4, actual.length);
    double largest = 0;
    double difference = 0;
    for (float value : actual) {
      float expected = bytes.getFloat();
      largest = Math.max(largest, Math.abs(expected));
      double delta = Math.abs(expected - value);
      difference = Double.isNaN(delta) ? Double.POSITIVE_INFINITY : Math.max(difference, delta);
    }
    assertTrue(
        difference <= TOLERANCE * largest, "off by " + difference + " at a size of " + largest);
  }
}
