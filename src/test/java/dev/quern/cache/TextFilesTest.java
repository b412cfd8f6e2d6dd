package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.settings.Settings;
import dev.quern.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokenizer a model gets, by flags, from folders and from the Hugging Face cache. */
class TextFilesTest {
  private static final Path VOCABULARIES = Path.of("src/test/resources/vocabularies");
  private static final String ONE = "1".repeat(40);
  private static final String TWO = "2".repeat(40);
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 32,
       "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 1024,
       "max_position_embeddings": 64, "torch_dtype": "float32"}\
      """;

  @TempDir Path home;
  private Path model;

  /** A model folder with a SentencePiece vocabulary, and a repository with two revisions. */
  @BeforeEach
  void files() throws IOException {
    model = Files.createDirectory(home.resolve("model"));
    Files.writeString(model.resolve("config.json"), CONFIG);
    copy("bpe-bytes", model);
    Path repository = Files.createDirectories(home.resolve("cache/models--org--words"));
    for (String commit : new String[] {ONE, TWO})
      Files.createDirectories(repository.resolve("snapshots").resolve(commit));
    copy("gpt2", repository.resolve("snapshots").resolve(ONE));
    copy("tekken-v3", repository.resolve("snapshots").resolve(TWO));
    Files.writeString(repository.resolve("snapshots").resolve(TWO).resolve("config.json"), CONFIG);
    Files.writeString(repository.resolve("snapshots").resolve(ONE).resolve("config.json"), CONFIG);
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), ONE);
    Files.writeString(repository.resolve("refs/v2"), TWO);
  }

  @Test
  void takesTheModelsOwn() throws IOException {
    assertEquals(901, vocabulary(Map.of()));
    assertEquals(901, vocabulary(Map.of("tokenizer-mode", "slow")));
    Files.copy(VOCABULARIES.resolve("tekken-v3/tekken.json"), model.resolve("tekken.json"));
    assertEquals(901, vocabulary(Map.of()));
    assertEquals(630, vocabulary(Map.of("tokenizer-mode", "mistral")));
  }

  @Test
  void takesTheOneThatIsNamed() throws IOException {
    Path words = Files.createDirectory(home.resolve("words"));
    copy("unigram-bytes", words);
    int own = vocabulary(Map.of("tokenizer", words.toString()));
    assertTrue(own > 256 && own != 901, own + " pieces");
    Map<String, String> named = Map.of("tokenizer", "org/words");
    assertEquals(700, vocabulary(named));
    assertEquals(630, vocabulary(with(named, "tokenizer-revision", "v2")));
    assertEquals(630, vocabulary(with(named, "revision", "v2")));
    assertEquals(700, vocabulary(with(named, "tokenizer-revision", ONE)));
    assertNull(load(with(named, "skip-tokenizer-init", "true")));
  }

  @Test
  void theTokenizersRevisionMayBeAnother() throws IOException {
    Map<String, String> model = Map.of("model", "org/words");
    assertEquals(700, vocabulary(model));
    assertEquals(630, vocabulary(with(model, "tokenizer-revision", "v2")));
    assertEquals(630, vocabulary(with(model, "revision", "v2")));
    assertEquals(700, vocabulary(with(with(model, "revision", "v2"), "tokenizer-revision", ONE)));
  }

  @Test
  void saysWhatCannotBeHad() throws IOException {
    assertTrue(refusal("tokenizer-mode", "deepseek_v4").contains("written in Python"));
    assertTrue(refusal("tokenizer-mode", "mistral").contains("neither tekken.json nor"));
    Files.delete(model.resolve("tokenizer.model"));
    String message = refusal("tokenizer-mode", "auto");
    assertTrue(message.contains("tokenizer.json: no such file"), message);
    assertTrue(message.contains("--skip-tokenizer-init"), message);
  }

  private String refusal(String flag, String value) {
    return assertThrows(LoadException.class, () -> load(Map.of(flag, value))).getMessage();
  }

  private int vocabulary(Map<String, String> flags) {
    return load(flags);
  }

  /** The size of the loaded model's vocabulary; null without a tokenizer. */
  private Integer load(Map<String, String> flags) {
    Map<String, String> all =
        new HashMap<>(
            Map.of(
                "model", model.toString(),
                "download-dir", home.resolve("cache").toString(),
                "load-format", "dummy",
                "device", "cpu",
                "max-num-seqs", "2"));
    all.putAll(flags);
    try (LoadedModel loaded = ModelCache.load(Settings.load(all), false)) {
      Tokenizer tokenizer = loaded.served().tokenizer();
      return tokenizer == null ? null : tokenizer.vocabularySize();
    }
  }

  private static Map<String, String> with(Map<String, String> flags, String flag, String value) {
    Map<String, String> all = new HashMap<>(flags);
    all.put(flag, value);
    return all;
  }

  private static void copy(String name, Path to) throws IOException {
    try (Stream<Path> files = Files.list(VOCABULARIES.resolve(name))) {
      for (Path file : files.toList()) Files.copy(file, to.resolve(file.getFileName()));
    }
  }
}
