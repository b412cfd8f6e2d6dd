package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small vocabularies of every form against what Python made of the same texts
 * (src/test/python/vocabularies.py).
 */
class VocabulariesTest {
  private static final Path FOLDER = Path.of("src/test/resources/vocabularies");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bpe-bytes",
        "bpe-legacy",
        "bpe-rules",
        "bpe-symbols",
        "unigram-rules",
        "unigram-bytes",
        "gpt2",
        "qwen2",
        "tekken-v3",
        "tekken-v11",
        "tiktoken"
      })
  void cutsAndJoinsAsPython(String name) throws Exception {
    JsonNode rows = new ObjectMapper().readTree(FOLDER.resolve("golden.json").toFile()).get(name);
    List<String> misses = new ArrayList<>();
    int checks = 0;
    try (Tokenizer tokenizer = Tokenizer.open(FOLDER.resolve(name))) {
      for (JsonNode row : rows) {
        String text = row.get(1).asText();
        int[] plain = tokenizer.encode(text, false);
        int[] framed = tokenizer.encode(text, true);
        String kept = tokenizer.decode(framed, false);
        String skipped = tokenizer.decode(framed, true);
        String[] got = {digest(plain), digest(framed), digest(kept), digest(skipped)};
        for (int i = 0; i < got.length; i++) {
          JsonNode expected = row.get(2 + i);
          if (expected.isNull()) continue;
          checks++;
          if (!expected.asText().equals(got[i]))
            misses.add(
                List.of("plain", "framed", "kept", "skipped").get(i)
                    + " of "
                    + row.get(0).asText()
                    + ": "
                    + text
                    + " -> "
                    + IntStream.of(plain).mapToObj(tokenizer::token).toList()
                    + " -> "
                    + kept);
        }
        StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], true, true);
        StringBuilder streamed = new StringBuilder();
        for (int id : framed) streamed.append(decoder.push(id));
        assertEquals(skipped, streamed.append(decoder.finish()).toString(), text);
      }
    }
    assertTrue(checks > 50, name + ": " + checks);
    assertEquals(List.of(), misses);
  }

  private static String digest(int[] ids) throws Exception {
    return digest(String.join(",", IntStream.of(ids).mapToObj(Integer::toString).toList()));
  }

  private static String digest(String text) throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash).substring(0, 16);
  }
}
