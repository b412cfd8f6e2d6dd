package dev.quern.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {
  @TempDir Path folder;

  @Test
  void gettersTakeAliasesInOrder() {
    ModelConfig config = config("{'n_embd': 8, 'a': null, 'x': 2.0}");
    assertEquals(8, config.integer(1, 10, "hidden_size", "n_embd"));
    assertEquals(2, config.integer(1, 10, "x"));
    assertEquals(7, config.integerOr(7, 1, 10, "a", "b"));
  }

  @Test
  void errorsNameFileKeyAndValue() {
    ModelConfig config =
        config("{'h': -3, 'f': 1.5, 's': '12', 'b': 1e300, 'n': NaN, 't': {'k': true}}");
    message("c.json: h = -3: must be an integer from 1 to 9", () -> config.integer(1, 9, "h"));
    message("c.json: f = 1.5: must be an integer from 1 to 9", () -> config.integer(1, 9, "f"));
    message("c.json: s = \"12\": must be an integer", () -> config.integer(1, 9, "s"));
    message("c.json: b = 1.0E300: must be an integer", () -> config.integer(1, 9, "b"));
    message("c.json: n = NaN: must be a finite number", () -> config.number("n"));
    message("c.json: t.k = true: must be a finite number", () -> config.child("t").number("k"));
    message("c.json: x (or y) is missing", () -> config.integer(1, 9, "x", "y"));
    message("c.json: h = -3: must be true or false", () -> config.flag(true, "h"));
    message("c.json: h = -3: must be a string", () -> config.stringOr("", "h"));
    message("c.json: h = -3: must be an object", () -> config.child("h"));
    message("c.json: h = -3: must be an array", () -> config.strings("h"));
    message(
        "c.json: eos_token_id = [-1]: must hold token ids",
        () -> GenerationDefaults.choose("vllm", null, config("{'eos_token_id': [-1]}"), null));
    message("c.json: is not JSON", () -> config("{'a': "));
    message("c.json: is not JSON", () -> config("{} {}"));
    message("c.json: must be a JSON object, not [1]", () -> config("[1]"));
    message("c.json: is not JSON", () -> config("{'a':".repeat(5000)));
  }

  @Test
  void overridesAreMergedIntoNestedConfigs() {
    ModelConfig config =
        ModelConfig.parse(
            "c.json",
            json("{'n': 1, 'text_config': {'a': 1, 'b': 2}, 'l': [1, 2]}"),
            json("{'n': 5, 'text_config': {'b': 3}, 'l': [9]}"));
    assertEquals(5, config.integer(0, 9, "n"));
    assertEquals(1, config.text().integer(0, 9, "a"));
    assertEquals(3, config.text().integer(0, 9, "b"));
    assertEquals(5, config.text().integer(0, 9, "n"), "the rest shows through");
    assertEquals(1, config.numbers("l").length);
    message("--hf-overrides: is not JSON", () -> ModelConfig.parse("c.json", "{}", "{hidden: 3"));
    message("--hf-overrides: must be a JSON object", () -> ModelConfig.parse("c.json", "{}", "3"));
  }

  @Test
  void nestedErrorsNameThePath() {
    ModelConfig text = config("{'llm_config': {'hidden_size': 0}}").text();
    message("c.json: llm_config.hidden_size = 0", () -> text.integer(1, 9, "hidden_size"));
  }

  @Test
  void quantisedCheckpointsAreRefusedByMethod() throws IOException {
    message("gptq", () -> config("{'quantization_config': {'quant_method': 'gptq'}}"));
    message("compressed", () -> config("{'compression_config': {'quant_method': 'compressed'}}"));
    message(
        "awq", () -> config("{'text_config': {'quantization_config': {'quant_method': 'awq'}}}"));
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(
        folder.resolve("hf_quant_config.json"), json("{'quantization': {'quant_algo': 'FP8'}}"));
    message("FP8", () -> ModelConfig.read(folder, null));
  }

  @Test
  void missingFilesAreNamed() {
    message(folder.resolve("config.json").toString(), () -> ModelConfig.read(folder, null));
  }

  @Test
  void contextIsTheSmallestKeyTimesTheFactor() {
    assertEquals(2048, context("{}", 0));
    assertEquals(512, context("{'max_position_embeddings': 1024, 'seq_length': 512}", 0));
    assertEquals(
        131072, context("{'max_position_embeddings': 8192, 'model_max_length': 131072}", 0));
    assertEquals(
        16384,
        context(
            "{'max_position_embeddings': 4096, 'rope_scaling': {'type': 'linear', 'factor': 4}}",
            0));
    assertEquals(
        131072,
        context(
            "{'max_position_embeddings': 40960, 'rope_scaling': {'type': 'yarn', 'factor': 4,"
                + " 'original_max_position_embeddings': 32768}}",
            0));
    assertEquals(
        131072,
        context(
            "{'max_position_embeddings': 131072, 'rope_scaling': {'rope_type': 'llama3', 'factor':"
                + " 8, 'original_max_position_embeddings': 8192}}",
            0));
    String longrope =
        "{'max_position_embeddings': 131072, 'original_max_position_embeddings': 4096,"
            + " 'rope_scaling': {'type': 'su'}}";
    assertEquals(4096, context(longrope, 0));
    assertEquals(100_000, context(longrope, 100_000));
    message("--max-model-len 4097", () -> context("{'max_position_embeddings': 4096}", 4097));
    message("max_position_embeddings = 0", () -> context("{'max_position_embeddings': 0}", 0));
  }

  @Test
  void dtypeComesFromFlagConfigOrFiles() {
    ModelConfig bf16 = config("{'torch_dtype': 'bfloat16', 'model_type': 'gemma2'}");
    assertEquals(DType.BF16, DTypes.resolve(bf16, "auto", null));
    assertEquals(DType.F32, DTypes.resolve(bf16, "float", null));
    assertEquals(DType.BF16, DTypes.resolve(config("{'dtype': 'float32'}"), "auto", DType.F16));
    assertEquals(DType.BF16, DTypes.resolve(config("{}"), "auto", DType.F32));
    assertEquals(DType.F16, DTypes.resolve(config("{}"), "auto", DType.F16));
    assertEquals(DType.BF16, DTypes.resolve(config("{}"), "auto", null));
    assertEquals(DType.F16, DTypes.resolve(config("{}"), "half", null));
    message("gemma2", () -> DTypes.resolve(bf16, "float16", null));
    message("--dtype fp8", () -> DTypes.resolve(bf16, "fp8", null));
    message("dtype = \"int4\"", () -> DTypes.resolve(config("{'dtype': 'int4'}"), "auto", null));
  }

  @Test
  void generationDefaults() throws IOException {
    ModelConfig config = config("{'eos_token_id': 2, 'bos_token_id': 1}");
    GenerationDefaults none = GenerationDefaults.choose("auto", folder, config, null);
    assertNull(none.temperature());
    assertArrayEquals(new int[] {2}, none.eosTokenIds());
    assertEquals(1, none.bosTokenId());
    Path file = folder.resolve("generation_config.json");
    Files.writeString(
        file, json("{'eos_token_id': [5, 6], 'temperature': 0.7, 'top_k': 20, 'top_p': 0.8}"));
    GenerationDefaults some = GenerationDefaults.choose("auto", folder, config, null);
    assertArrayEquals(new int[] {5, 6}, some.eosTokenIds());
    assertEquals(List.of(0.7, 20, 0.8), List.of(some.temperature(), some.topK(), some.topP()));
    assertNull(some.maxNewTokens());
    Files.writeString(file, json("{'top_p': 3}"));
    message(
        "generation_config.json: top_p = 3",
        () -> GenerationDefaults.choose("auto", folder, config, null));
  }

  private static int context(String json, int maxModelLen) {
    ModelConfig config = config(json);
    return ContextLength.resolve(
        config, List.of(RopeSettings.read(config, "full_attention", 1e4, 1)), true, maxModelLen);
  }

  private static ModelConfig config(String json) {
    return ModelConfig.parse("c.json", json(json), null);
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static void message(String part, Executable action) {
    String message = assertThrows(ModelConfigException.class, action).getMessage();
    assertTrue(message.contains(part), message);
  }
}
