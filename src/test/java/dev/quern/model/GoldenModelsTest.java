package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.Gpu;
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
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
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
  private static final double BF16_TOLERANCE = 5e-2;
  private static final double BF16_RATIO = 1.5;

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
  @Tag("gpu")
  List<DynamicTest> onTheGpu() throws IOException {
    Gpu.assume();
    return tests("gpu", () -> CudaBackend.open(0, DType.F32));
  }

  /**
   * Rounding to bfloat16 moves the logits no further than in transformers' own run on the same GPU,
   * where {@code QUERN_TEST_BF16} names the file that {@code golden_bf16.py} wrote there.
   */
  @TestFactory
  @Tag("gpu")
  List<DynamicTest> inBfloat16OnTheGpu() throws IOException {
    Gpu.assume();
    Map<String, Double> theirs = new HashMap<>();
    String file = System.getenv("QUERN_TEST_BF16");
    if (file != null) {
      for (String line : Files.readAllLines(Path.of(file))) {
        theirs.put(line.split(" ")[0], Double.parseDouble(line.split(" ")[1]));
      }
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode golden : goldens()) {
      String name = golden.get("name").textValue();
      Double own = theirs.get(name);
      double limit = own == null ? BF16_TOLERANCE : BF16_RATIO * own;
      tests.add(DynamicTest.dynamicTest(name + " bf16", () -> checkBf16(name, golden, own, limit)));
    }
    return tests;
  }

  private void checkBf16(String name, JsonNode golden, Double theirs, double limit)
      throws IOException {
    ModelConfig config = ModelConfig.parse(name, golden.get("config").toString(), null);
    Description model = Families.describe(config, new SpecOptions("bfloat16", null, 0));
    Path files = Files.createDirectory(folder.resolve(name + "-bf16"));
    GoldenWeights.write(
        files, GoldenWeights.tensors(model.weights()), golden.get("prefix").textValue());
    int[] prompt = JSON.convertValue(golden.get("prompt"), int[].class);
    int[] greedy = JSON.convertValue(golden.get("greedy"), int[].class);
    int[] all = Arrays.copyOf(prompt, prompt.length + greedy.length);
    System.arraycopy(greedy, 0, all, prompt.length, greedy.length);
    Description exact = Families.describe(config, new SpecOptions("float32", null, 0));
    List<float[]> expected = rows(exact, files, DType.F32, all);
    List<float[]> actual = rows(model, files, DType.BF16, all);
    double difference = 0;
    double norm = 0;
    for (int r = 0; r < expected.size(); r++) {
      for (int v = 0; v < expected.get(r).length; v++) {
        double value = expected.get(r)[v];
        difference += (actual.get(r)[v] - value) * (actual.get(r)[v] - value);
        norm += value * value;
      }
    }
    double error = Math.sqrt(difference / norm);
    System.out.printf("%s: bf16 error %.3e, transformers' %s%n", name, error, theirs);
    assertTrue(error <= limit, name + ": bf16 error " + error + ", limit " + limit);
  }

  /** Logits of every token, fed one by one. */
  private static List<float[]> rows(Description model, Path files, DType dtype, int[] tokens) {
    try (Backend backend = CudaBackend.open(0, dtype)) {
      BoundWeights weights =
          WeightLoader.load(
              model.weights(),
              Checkpoint.open(files, LoadFormat.SAFETENSORS),
              model.spec(),
              backend);
      List<float[]> rows = new ArrayList<>();
      try (SingleSequence sequence =
          new SingleSequence(model.spec(), weights, backend, tokens.length)) {
        for (int token : tokens) {
          rows.add(sequence.logits(token));
        }
      }
      return rows;
    }
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
    Description model = Families.describe(config, new SpecOptions("float32", null, 0));
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
