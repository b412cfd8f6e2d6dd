package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tokenizer in the manner of SentencePiece: Unigram, bytes as fallback, a word mark, and a
 * decoder that strips the first blank.
 */
class SentencePieceTest {
  @TempDir Path folder;

  private Tokenizer tokenizer;

  @BeforeEach
  void open() throws Exception {
    List<List<Object>> vocabulary = new ArrayList<>();
    for (String special : List.of("<unk>", "<s>", "</s>")) vocabulary.add(List.of(special, 0.0));
    for (int b = 0; b < 256; b++) vocabulary.add(List.of(String.format("<0x%02X>", b), -20.0));
    for (String piece : List.of("▁", "▁hello", "hello", "▁wor", "ld", "▁a", "b", "é", "!"))
      vocabulary.add(List.of(piece, -1.0 - vocabulary.size() / 1000.0));
    Map<String, Object> metaspace =
        Map.of("type", "Metaspace", "replacement", "▁", "prepend_scheme", "first", "split", false);
    List<Object> steps =
        List.of(
            Map.of("type", "Replace", "pattern", Map.of("String", "▁"), "content", " "),
            Map.of("type", "ByteFallback"),
            Map.of("type", "Fuse"),
            Map.of("type", "Strip", "content", " ", "start", 1, "stop", 0));
    Map<String, Object> json =
        Map.of(
            "version", "1.0",
            "added_tokens", List.of(added(1, "<s>", true), added(2, "</s>", false)),
            "pre_tokenizer", metaspace,
            "decoder", Map.of("type", "Sequence", "decoders", steps),
            "model",
                Map.of("type", "Unigram", "unk_id", 0, "byte_fallback", true, "vocab", vocabulary));
    Files.writeString(
        folder.resolve("tokenizer.json"), new ObjectMapper().writeValueAsString(json));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
    tokenizer = Tokenizer.open(folder);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private static Map<String, Object> added(int id, String content, boolean special) {
    return Map.of(
        "id",
        id,
        "content",
        content,
        "special",
        special,
        "single_word",
        false,
        "lstrip",
        false,
        "rstrip",
        false,
        "normalized",
        false);
  }

  @Test
  void readsAVocabularyWithoutIds() {
    assertEquals(268, tokenizer.vocabularySize());
    assertEquals("▁hello", tokenizer.token(260));
    assertEquals(260, tokenizer.tokenId("▁hello"));
    assertEquals("<0xFF>", tokenizer.token(258));
  }

  @Test
  void theConfigMakesATokenSpecial() {
    assertTrue(tokenizer.isSpecial(2));
    assertEquals("hello", tokenizer.decode(new int[] {1, 260, 2}, true));
    assertEquals("<s> hello</s>", tokenizer.decode(new int[] {1, 260, 2}, false));
  }

  @Test
  void streamsAsItDecodes() {
    for (String text :
        List.of("hello world", "hello hello!", " a b", "é 東京 hello", "東", "😀😀 a", "a\nb")) {
      int[] ids = tokenizer.encode(text, false);
      assertEquals(tokenizer.decode(ids, true), streamed(ids, new int[0], true), text);
    }
  }

  @Test
  void keepsTheBlankAfterThePrompt() {
    int[] prompt = tokenizer.encode("hello", false);
    assertEquals(" hello world", streamed(new int[] {260, 262, 263}, prompt, true));
    assertEquals("hello world", streamed(new int[] {260, 262, 263}, new int[0], true));
  }

  @Test
  void addedTokensInARowStandBareOnRequest() {
    int[] ids = {1, 1, 260, 2, 2};
    assertEquals(tokenizer.decode(ids, false), streamed(ids, new int[0], false));
    StreamDecoder decoder = new StreamDecoder(tokenizer, new int[0], false, false);
    StringBuilder text = new StringBuilder();
    for (int id : ids) text.append(decoder.push(id));
    assertEquals("<s><s> hello</s></s>", text.append(decoder.finish()).toString());
  }

  private String streamed(int[] ids, int[] prompt, boolean skip) {
    StreamDecoder decoder = new StreamDecoder(tokenizer, prompt, skip, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) text.append(decoder.push(id));
    return text.append(decoder.finish()).toString();
  }
}
