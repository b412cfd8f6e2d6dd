package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in model's tokenizer, and folders that are no tokenizer. */
class TokenizerTest {
  static final Path BUILT_IN = Path.of("src/main/resources/models/quern/tales-5m");

  private static final String TEXT = "Once upon a time, 東京 😀 l'été <|im_end|>\n";

  @TempDir Path folder;

  @Test
  void encodesAndDecodes() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.open(BUILT_IN)) {
      int[] ids = tokenizer.encode(TEXT, false);
      assertEquals(TEXT, tokenizer.decode(ids, false));
      assertEquals(TEXT.replace("<|im_end|>", ""), tokenizer.decode(ids, true));
      assertEquals(
          tokenizer.decode(new int[] {ids[1], ids[2]}, false), tokenizer.decode(ids, 1, 3, false));
      assertArrayEquals(
          new int[][] {ids, tokenizer.encode("x", false)},
          tokenizer.encodeBatch(new String[] {TEXT, "x"}, false));
      assertEquals(0, tokenizer.encode("", false).length);
    }
  }

  @Test
  void neverTruncates() throws Exception {
    Path limited =
        copyOfBuiltIn(
            "\"truncation\": null",
            "\"truncation\":"
                + " {\"direction\":\"Right\",\"max_length\":4,\"strategy\":\"LongestFirst\",\"stride\":0}");
    try (Tokenizer tokenizer = Tokenizer.open(limited)) {
      assertTrue(tokenizer.encode("word ".repeat(1000), false).length >= 1000);
    }
  }

  @Test
  void knowsItsVocabulary() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.open(BUILT_IN)) {
      assertEquals(4096, tokenizer.vocabularySize());
      assertEquals(4095, tokenizer.maxTokenId());
      assertEquals(2, tokenizer.tokenId("<|im_end|>"));
      assertEquals("<|im_end|>", tokenizer.token(2));
      assertEquals(5, tokenizer.tokenId(tokenizer.token(5)));
      assertEquals(-1, tokenizer.tokenId("no such piece"));
      assertNull(tokenizer.token(4096));
      assertNull(tokenizer.token(-1));
      assertEquals(2, tokenizer.eosTokenId());
      assertEquals(0, tokenizer.padTokenId());
      assertEquals(-1, tokenizer.bosTokenId());
      assertEquals(2048, tokenizer.modelMaxLength());
      assertTrue(tokenizer.isSpecial(2));
      assertFalse(tokenizer.isSpecial(3));
      assertFalse(tokenizer.isSpecial(-1));
    }
  }

  @Test
  void idsOutOfTheVocabularyHaveNoText() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.open(BUILT_IN)) {
      assertEquals(
          "", tokenizer.decode(new int[] {-1, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE}, false));
      String piece = tokenizer.decode(new int[] {100}, false);
      assertEquals(piece, tokenizer.decode(new int[] {-1, 100, 99_999}, false));
    }
  }

  @Test
  void readsSpecialTokensOfAllFiles() throws Exception {
    Path copy = copyOfBuiltIn("", "");
    Files.writeString(
        copy.resolve("special_tokens_map.json"),
        "{\"unk_token\": {\"content\": \"<u>\"}, \"eos_token\": \"old\"}");
    Files.writeString(
        copy.resolve("tokenizer_config.json"),
        "{\"eos_token\": \"<|im_end|>\", \"bos_token\": null, \"add_bos_token\": true,"
            + " \"model_max_length\": 1e30, \"extra_special_tokens\": {\"image_token\": \"<i>\"}}");
    try (Tokenizer tokenizer = Tokenizer.open(copy)) {
      assertEquals(
          "{unk_token=<u>, eos_token=<|im_end|>, image_token=<i>}",
          tokenizer.specialTokens().toString());
      assertEquals(-1, tokenizer.modelMaxLength());
    }
  }

  @Test
  void serves8ThreadsAtOnce() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.open(BUILT_IN);
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      int[] ids = tokenizer.encode(TEXT, false);
      Callable<Boolean> work =
          () ->
              IntStream.range(0, 200)
                  .allMatch(
                      _ ->
                          tokenizer.decode(tokenizer.encode(TEXT, false), false).equals(TEXT)
                              && ids.length > 0);
      for (Future<Boolean> result :
          threads.invokeAll(List.of(work, work, work, work, work, work, work, work)))
        assertTrue(result.get());
    }
  }

  @Test
  void refusesCallsAfterClose() throws Exception {
    Tokenizer tokenizer = Tokenizer.open(BUILT_IN);
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("x", false));
    assertThrows(IllegalStateException.class, () -> tokenizer.decode(new int[] {1}, false));
  }

  @Test
  void namesTheFileThatIsWrong() throws Exception {
    Path file = folder.resolve("tokenizer.json");
    assertTrue(
        assertThrows(FileNotFoundException.class, () -> Tokenizer.open(folder))
            .getMessage()
            .contains(file.toString()));
    for (String broken :
        List.of(
            "",
            "{",
            "[]",
            "nonsense",
            "{\"added_tokens\": []}",
            "{\"model\": {\"type\": \"Nope\"}}",
            "{\"added_tokens\": [{\"id\": \"x\"}], \"model\": 1}")) {
      Files.writeString(file, broken);
      String message =
          assertThrows(IOException.class, () -> Tokenizer.open(folder), broken).getMessage();
      assertTrue(message.contains(file.toString()), message);
    }
    Files.copy(
        BUILT_IN.resolve("tokenizer.json"),
        file,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": ");
    String message = assertThrows(IOException.class, () -> Tokenizer.open(folder)).getMessage();
    assertTrue(message.contains("tokenizer_config.json"), message);
  }

  private Path copyOfBuiltIn(String text, String replacement) throws IOException {
    String json = Files.readString(BUILT_IN.resolve("tokenizer.json"));
    assertTrue(json.contains(text), text);
    Files.writeString(
        folder.resolve("tokenizer.json"), text.isEmpty() ? json : json.replace(text, replacement));
    return folder;
  }
}
