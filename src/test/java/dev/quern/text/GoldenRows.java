package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What Python made of texts, as src/test/python/vocabularies.py writes it: who made it, the text,
 * and the hashes of its ids, of the ids in the tokenizer's frame, of the text decoded from those,
 * and of the same without special tokens. Null stands for what is not compared.
 */
final class GoldenRows {
  private static final List<String> NAMES = List.of("plain", "framed", "kept", "skipped");

  private GoldenRows() {}

  /** Fails where the tokenizer differs anywhere; gives the number of comparisons. */
  static int compare(Tokenizer tokenizer, JsonNode rows) throws Exception {
    List<String> misses = new ArrayList<>();
    int checks = 0;
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
              "%s of %s: %s -> %s -> %s"
                  .formatted(
                      NAMES.get(i),
                      row.get(0).asText(),
                      text,
                      IntStream.of(plain).mapToObj(tokenizer::token).toList(),
                      kept));
      }
      assertEquals(skipped, streamed(tokenizer, framed), text);
    }
    assertEquals(List.of(), misses);
    assertTrue(checks > 50, checks + " comparisons");
    return checks;
  }

  private static String streamed(Tokenizer tokenizer, int[] ids) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], true, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) text.append(decoder.push(id));
    return text.append(decoder.finish()).toString();
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
