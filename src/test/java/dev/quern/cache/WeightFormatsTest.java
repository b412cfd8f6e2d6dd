package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.Quern;
import dev.quern.cli.Cli;
import dev.quern.engine.GenerationResult.Output;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.TokenLogprobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One model in every format of weights: logits and greedy tokens that transformers computed. {@code
 * src/test/python/mistral_fixtures.py} made the files.
 */
class WeightFormatsTest {
  private static final Path FORMATS = Path.of("src/test/resources/checkpoint/formats");
  private static final int TOP = 20;

  @TempDir Path folder;

  private static JsonNode expected() throws IOException {
    return new ObjectMapper().readTree(FORMATS.resolve("expected.json").toFile());
  }

  private static Output run(Path model, Map<String, String> more) throws Exception {
    Map<String, String> flags = new HashMap<>(more);
    flags.put("skip-tokenizer-init", "true");
    flags.put("device", "cpu");
    flags.put("dtype", "float32"); // as transformers ran it
    int[] prompt = new ObjectMapper().convertValue(expected().get("prompt"), int[].class);
    try (Quern quern = Quern.load(model.toString(), flags)) {
      SamplingParams params =
          quern.sampling().temperature(0).maxTokens(8).ignoreEos(true).logprobs(TOP).build();
      return quern.generateTokens(List.of(prompt), params).getFirst().outputs().getFirst();
    }
  }

  private static void check(Output output) throws IOException {
    int[] greedy = new ObjectMapper().convertValue(expected().get("greedy"), int[].class);
    assertEquals(ints(greedy), ints(output.tokens()));
    double[] logits = new ObjectMapper().convertValue(expected().get("logits"), double[].class);
    double sum = 0;
    for (double logit : logits) sum += Math.exp(logit);
    TokenLogprobs first = output.logprobs().getFirst();
    for (int i = 0; i < TOP; i++)
      assertEquals(logits[first.topIds()[i]] - Math.log(sum), first.topLogprobs()[i], 1e-3);
  }

  private static String ints(int[] values) {
    return java.util.Arrays.toString(values);
  }

  @ParameterizedTest
  @CsvSource({
    "safetensors, auto",
    "safetensors, hf",
    "safetensors, safetensors",
    "bin, auto",
    "bin, hf",
    "bin, npcache",
    "mistral, auto",
    "mistral, mistral",
  })
  void everyFormatGivesTheSame(String files, String format) throws Exception {
    check(run(FORMATS.resolve(files), Map.of("load-format", format)));
  }

  @Test
  void ptFilesAreReadWithoutAnIndex() throws Exception {
    Files.copy(FORMATS.resolve("bin/config.json"), folder.resolve("config.json"));
    for (String part : new String[] {"1", "2"})
      Files.copy(
          FORMATS.resolve("bin/pytorch_model-0000" + part + "-of-00002.bin"),
          folder.resolve("m" + part + ".pt"));
    check(run(folder, Map.of("load-format", "pt")));
    check(run(folder, Map.of()));
    LoadException none =
        assertThrows(LoadException.class, () -> run(folder, Map.of("load-format", "npcache")));
    assertTrue(none.getMessage().contains("no *.bin; there are m1.pt, m2.pt"), none.getMessage());
  }

  @Test
  void ofBothFormatsAutoTakesMistralsAndFlagsDecide() throws Exception {
    Path params = Files.copy(FORMATS.resolve("mistral/params.json"), folder.resolve("params.json"));
    Files.copy(
        FORMATS.resolve("mistral/consolidated.safetensors"),
        folder.resolve("consolidated.safetensors"));
    Files.copy(FORMATS.resolve("safetensors/config.json"), folder.resolve("config.json"));
    Path weights = Files.write(folder.resolve("model.safetensors"), new byte[3]);
    check(run(folder, Map.of()));
    LoadException broken =
        assertThrows(LoadException.class, () -> run(folder, Map.of("load-format", "hf")));
    assertTrue(broken.getMessage().contains(weights.toString()), broken.getMessage());
    check(run(folder, Map.of("load-format", "mistral", "config-format", "hf")));

    Files.copy(FORMATS.resolve("safetensors/" + weights.getFileName()), folder.resolve("x"));
    Files.move(folder.resolve("x"), weights, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    String moe = Files.readString(params).replace("{", "{\"moe\": {\"num_experts\": 8},");
    Files.writeString(params, moe);
    check(run(folder, Map.of()));
    LoadException refused =
        assertThrows(LoadException.class, () -> run(folder, Map.of("config-format", "mistral")));
    assertTrue(
        refused
            .getMessage()
            .startsWith(
                params + ": moe = {\"num_experts\":8}: the model has a mixture of experts, which"),
        refused.getMessage());
  }

  @Test
  void theCommandLineReadsABinFolder() throws Exception {
    Path in = folder.resolve("in.jsonl");
    Path out = folder.resolve("out.jsonl");
    Files.writeString(
        in,
        "{\"prompt\": %s, \"max_tokens\": 8, \"temperature\": 0, \"ignore_eos\": true, \"return_token_ids\": true}\n"
            .formatted(expected().get("prompt")));
    for (String format : new String[] {"hf", "npcache"}) {
      assertEquals(
          0,
          Cli.run(
              "batch",
              in.toString(),
              out.toString(),
              "--overwrite",
              "--model",
              FORMATS.resolve("bin").toString(),
              "--load-format",
              format,
              "--skip-tokenizer-init",
              "--dtype",
              "float32",
              "--device",
              "cpu"));
      JsonNode line = new ObjectMapper().readTree(out.toFile());
      assertEquals(expected().get("greedy"), line.findValue("token_ids"), format + ": " + line);
    }
  }
}
