package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.DType;
import dev.quern.engine.SamplingDefaults;
import dev.quern.model.ModelConfig;
import dev.quern.model.WeightSlot;
import dev.quern.model.WeightSlot.Source;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import dev.quern.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What loading decides from the files of a model, on a tiny one of zeros. */
class ModelCacheTest {
  private static final String LLAMA =
      """
      {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 32,
       "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 16,
       "max_position_embeddings": 64, "tie_word_embeddings": true}\
      """;

  @TempDir Path folder;

  @Test
  void aConfigThatNamesNoTypeTakesTheStoredOne() throws IOException {
    writeModel(LLAMA, "BF16");
    assertEquals(DType.BF16, dtype(Map.of()));
    assertEquals(DType.F32, dtype(Map.of("dtype", "float32")));
    assertEquals(DType.BF16, dtype(Map.of("load-format", "dummy")));
    writeModel(LLAMA, "F16");
    assertEquals(DType.F16, dtype(Map.of()));
    assertEquals(DType.BF16, dtype(Map.of("hf-overrides", "{\"torch_dtype\": \"bfloat16\"}")));
  }

  private DType dtype(Map<String, String> flags) {
    try (LoadedModel model = load(flags)) {
      return model.spec().dtype();
    }
  }

  @Test
  void generationConfigIsChosenAndOverridden() throws IOException {
    writeModel(LLAMA, "BF16");
    Path file = folder.resolve("generation_config.json");
    Files.writeString(file, "{\"temperature\": 0.5, \"top_k\": 7, \"max_new_tokens\": 9}");
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("generation_config.json"), "{\"top_p\": 0.25}");
    String over = "{\"top_k\": 3, \"temperature\": null, \"min_p\": 0.125}";

    assertEquals(new SamplingDefaults(null, 0.5f, 7, null, null, 9), sampling(Map.of()));
    assertEquals(SamplingDefaults.NONE, sampling(Map.of("generation-config", "vllm")));
    assertEquals(
        new SamplingDefaults(null, null, null, 0.25f, null, null),
        sampling(Map.of("generation-config", other.toString())));
    assertEquals(
        new SamplingDefaults(null, null, 3, null, 0.125f, 9),
        sampling(Map.of("override-generation-config", over)));
    assertEquals(
        new SamplingDefaults(null, null, 3, null, 0.125f, null),
        sampling(Map.of("generation-config", "vllm", "override-generation-config", over)));

    refused("--generation-config nowhere", Map.of("generation-config", "nowhere"));
    refused(
        "--override-generation-config: top_p = 3",
        Map.of("override-generation-config", "{\"top_p\": 3}"));
  }

  private SamplingDefaults sampling(Map<String, String> flags) {
    try (LoadedModel model = load(flags)) {
      return model.served().defaults();
    }
  }

  @Test
  void aModelThatCannotRunIsRefusedBeforeItsWeightsAreOpened() throws IOException {
    Files.writeString(folder.resolve("config.json"), LLAMA.replace("LlamaFor", "LamaFor"));
    Files.writeString(folder.resolve("model.safetensors"), "no weights at all");
    String message = refused("LamaForCausalLM is not supported", Map.of());
    assertTrue(message.contains("Nearest: LLaMAForCausalLM, LlamaForCausalLM"), message);
    Files.writeString(folder.resolve("config.json"), LLAMA);
    assertFalse(refused("model.safetensors", Map.of()).contains("not supported"));
  }

  @Test
  void codeOfTheCheckpointIsNotRunAndTheSummarySaysSo() throws IOException {
    writeModel(LLAMA.replace("\"hidden_size\"", "\"auto_map\": {}, \"hidden_size\""), "BF16");
    try (LoadedModel model = load(Map.of())) {
      String line = model.summary().getFirst();
      assertTrue(line.contains("Quern's own LlamaForCausalLM, bfloat16"), line);
    }
  }

  private String refused(String named, Map<String, String> flags) {
    String message =
        assertThrows(LoadException.class, () -> load(flags).close(), named).getMessage();
    assertTrue(message.contains(named), message);
    return message;
  }

  private LoadedModel load(Map<String, String> flags) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "model", folder.toString(),
                "device", "cpu",
                "skip-tokenizer-init", "true",
                "max-num-seqs", "2"));
    all.putAll(flags);
    return ModelCache.load(Settings.load(all), false);
  }

  /** A config and its weights, all zero, two bytes an element. */
  private void writeModel(String config, String type) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    var plan = Families.describe(ModelConfig.parse("c", config, null), SpecOptions.DEFAULT);
    Map<String, Source> tensors = new LinkedHashMap<>();
    for (WeightSlot slot : plan.weights().slots()) {
      for (Source source : slot.sources()) {
        tensors.put(source.tensor(), source);
      }
    }
    StringBuilder header = new StringBuilder();
    int bytes = 0;
    for (Source source : tensors.values()) {
      int end = bytes + 2 * source.storedRows() * source.storedCols();
      String shape = source.storedRows() == 1 ? "" : source.storedRows() + ",";
      header
          .append(header.isEmpty() ? "{" : ",")
          .append(
              "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s%d],\"data_offsets\":[%d,%d]}"
                  .formatted(source.tensor(), type, shape, source.storedCols(), bytes, end));
      bytes = end;
    }
    byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    try (OutputStream out = Files.newOutputStream(folder.resolve("model.safetensors"))) {
      out.write(length.putLong(0, json.length).array());
      out.write(json);
      out.write(new byte[bytes]);
    }
  }
}
