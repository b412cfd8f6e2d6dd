package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever changes answers changes the identity, in its own entry, and nothing else does. */
class ModelIdentityTest {
  private static final String RESOURCES = "/models/quern/tales-5m/";
  private static final List<String> FILES =
      List.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "chat_template.jinja",
          "model.safetensors");

  @TempDir Path folder;

  @BeforeEach
  void copyModel() throws IOException {
    for (String name : FILES) {
      try (InputStream in = ModelIdentityTest.class.getResourceAsStream(RESOURCES + name)) {
        Files.copy(in, folder.resolve(name));
      }
    }
  }

  private Map<String, String> identity(Map<String, String> flags) throws IOException {
    Map<String, String> all = new HashMap<>(Map.of("model", folder.toString(), "device", "cpu"));
    all.putAll(flags);
    try (LoadedModel model = ModelCache.load(Settings.load(all), false)) {
      return model.identity().read();
    }
  }

  /** The names of the entries that two identities do not share. */
  private static Set<String> changed(Map<String, String> before, Map<String, String> after) {
    Set<String> names = new HashSet<>(before.keySet());
    names.addAll(after.keySet());
    names.removeIf(name -> before.getOrDefault(name, "").equals(after.getOrDefault(name, "")));
    return new TreeSet<>(names);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          served-model-name          | other                    | served_model_name
          dtype                      | float32                  | dtype
          max-model-len              | 100                      | max_model_len
          seed                       | 7                        | seed
          override-generation-config | {"top_k": 3}             | sampling defaults
          generation-config          | vllm                     | sampling defaults
          chat-template              | {{ messages }}           | chat template
          tokenizer-mode             | hf                       | tokenizer
          skip-tokenizer-init        | true                     | chat template, tokenizer
          hf-overrides               | {"rms_norm_eps": 0.5}    | config, hf_overrides
          load-format                | dummy                    | weights
          max-num-seqs               | 3                        |
          threads                    | 1                        |
          data-parallel-size         | 2                        |
          enable-prefix-caching      | false                    |
          """)
  void aFlag(String flag, String value, String entries) throws IOException {
    assertEquals(names(entries), changed(identity(Map.of()), identity(Map.of(flag, value))), flag);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          config.json            | config
          generation_config.json | sampling defaults
          chat_template.jinja    | chat template
          tokenizer.json         | tokenizer
          merges.txt             | tokenizer
          tekken.json            | tokenizer
          README.md              |
          """)
  void aFile(String name, String entries) throws IOException {
    Map<String, String> before = identity(Map.of());
    Path file = folder.resolve(name);
    String text = Files.exists(file) ? Files.readString(file) : "";
    Files.writeString(
        file,
        switch (name) {
          case "config.json" -> text.replace("use_cache\": true", "use_cache\": false");
          case "generation_config.json" -> "{\"temperature\": 0.25}";
          default -> text + " ";
        });
    assertEquals(names(entries), changed(before, identity(Map.of())), name);
  }

  private static Set<String> names(String entries) {
    return entries == null ? Set.of() : new TreeSet<>(List.of(entries.split(", ")));
  }

  @Test
  void anyLargeTensor() throws IOException {
    Map<String, String> before = identity(Map.of());
    Path file = folder.resolve("model.safetensors");
    byte[] original = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int i = 0; i < 10; i++) {
      byte[] other = new byte[16 << 10];
      random.nextBytes(other);
      try (RandomAccessFile weights = new RandomAccessFile(file.toFile(), "rw")) {
        int header = 8 + (original[0] & 0xFF) + ((original[1] & 0xFF) << 8);
        weights.seek(header + random.nextInt(original.length - header - other.length));
        weights.write(other);
      }
      assertEquals(Set.of("weights"), changed(before, identity(Map.of())));
      Files.write(file, original);
    }
    assertEquals(Set.of(), changed(before, identity(Map.of())));
  }
}
