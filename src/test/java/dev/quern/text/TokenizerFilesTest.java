package dev.quern.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.text.TokenizerFiles.Form;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file of a folder is read in which mode, and files that cannot be. */
class TokenizerFilesTest {
  private static final Path VOCABULARIES = Path.of("src/test/resources/vocabularies");

  @TempDir Path folder;

  @Test
  void takesMistralsOwnBesideItsOwnWeights() throws Exception {
    copy("tekken-v11", "tekken.json");
    copy("bpe-bytes", "tokenizer.model");
    copy("bpe-bytes", "tokenizer.model", "tokenizer.model.v1");
    copy("bpe-bytes", "tokenizer.model", "tokenizer.model.v3m1");
    assertEquals(Form.SENTENCE_PIECE, chosen(TokenizerMode.AUTO));
    Files.createFile(folder.resolve("consolidated-00001-of-00002.safetensors"));
    assertEquals(Form.TEKKEN, chosen(TokenizerMode.AUTO));
    assertEquals(Form.SENTENCE_PIECE, chosen(TokenizerMode.HF));
    Files.delete(folder.resolve("tekken.json"));
    assertEquals(
        folder.resolve("tokenizer.model.v3m1"),
        TokenizerFiles.choose(folder, TokenizerMode.AUTO).file());
    Files.copy(TokenizerTest.BUILT_IN.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    assertEquals(Form.LIBRARY, chosen(TokenizerMode.HF));
    assertEquals(Form.SENTENCE_PIECE, chosen(TokenizerMode.AUTO));
    assertEquals(Form.SENTENCE_PIECE, chosen(TokenizerMode.SLOW));
  }

  @Test
  void everyModeReadsTheSameVocabularyAlike() throws Exception {
    copy("bpe-bytes", "tokenizer.model");
    copy("bpe-bytes", "tokenizer.model", "tokenizer.model.v3");
    copy("bpe-bytes", "tokenizer_config.json");
    String text = "[INST] grüße 東京 😀 [/INST]</s>";
    try (Tokenizer slow = Tokenizer.open(folder, TokenizerMode.SLOW);
        Tokenizer mistral = Tokenizer.open(folder, TokenizerMode.MISTRAL)) {
      int[] ids = slow.encode(text, true);
      assertArrayEquals(ids, mistral.encode(text, true));
      assertEquals("<s>" + text, slow.decode(ids, false));
      assertEquals(1, slow.bosTokenId());
      assertEquals(2, slow.eosTokenId());
      assertEquals(900, slow.vocabularySize());
      assertEquals(slow.tokenId("[INST]"), ids[1]);
    }
  }

  @Test
  void addedTokensTakeThePlaceOfPieces() throws Exception {
    copy("bpe-bytes", "tokenizer.model", "tokenizer.model.v3");
    int id;
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      id = tokenizer.tokenId("▁the");
      assertArrayEquals(new int[] {id}, tokenizer.encode("the", false));
    }
    config(
        "{\"added_tokens_decoder\": {\"%d\": {\"content\": \"<|嗨|>\", \"special\": true}}}"
            .formatted(id));
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertArrayEquals(new int[] {id}, tokenizer.encode("<|嗨|>", false));
      assertTrue(tokenizer.isSpecial(id));
      assertEquals(-1, tokenizer.tokenId("▁the"));
      int[] ids = tokenizer.encode("the", false);
      assertTrue(ids.length > 1);
      assertEquals("the", tokenizer.decode(ids, false));
    }
  }

  @Test
  void namesItsSpecialTokensWithoutAConfiguration() throws Exception {
    copy("tekken-v3", "tekken.json");
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertEquals(1, tokenizer.bosTokenId());
      assertEquals(2, tokenizer.eosTokenId());
      assertEquals(11, tokenizer.padTokenId());
      assertEquals("<s>", tokenizer.specialTokens().get("bos_token"));
      assertEquals(630, tokenizer.vocabularySize());
      assertEquals("<SPECIAL_29>", tokenizer.token(29));
      assertTrue(tokenizer.isSpecial(3));
    }
  }

  @Test
  void saysWhyAModeIsNotServed() {
    assertEquals(TokenizerMode.SLOW, TokenizerMode.parse("slow"));
    assertTrue(modeError("deepseek_v32").contains("a chat format written in Python"));
    assertTrue(modeError("kimi_audio").contains("only text models"));
    assertTrue(modeError("fast").contains("no such mode; it is one of auto, hf, slow, mistral"));
    assertTrue(openError(TokenizerMode.SLOW).contains("neither tokenizer.model nor vocab.json"));
    assertTrue(openError(TokenizerMode.MISTRAL).contains("neither tekken.json nor"));
  }

  @Test
  void refusesWhatItCannotConvertExactly() throws Exception {
    copy("bpe-bytes", "tokenizer.model");
    config("{\"tokenizer_class\": \"XLMRobertaTokenizer\"}");
    assertTrue(openError().contains("XLMRobertaTokenizer gives other ids than this file"));
    config("{\"added_tokens_decoder\": {\"7\": {\"content\": \"<s>\"}}}");
    assertTrue(openError().contains("the token '<s>' is added with the id 7"));
    config("{\"added_tokens_decoder\": {\"x\": {\"content\": \"<a>\"}}}");
    assertTrue(openError().contains("x is not the id of an added token"));
    config("{}");
    model(piece("<unk>", 2), piece("a", 5));
    assertTrue(openError().contains("piece 1 ('a') is marked unused"));
    byte[] bpe = field(2, new byte[] {3 << 3, 2});
    model(piece("<unk>", 2), piece("aa", 5), piece("a", 1), bpe);
    assertTrue(openError().contains("piece 1 ('aa') is marked unused"));
    model(piece("<unk>", 2), piece("ab", 5), piece("a", 1), piece("▁", 1), bpe);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertEquals("[▁, a, <unk>]", pieces(tokenizer, "ab"));
    }
    model(piece("a", 1));
    assertTrue(openError().contains("no unknown piece"));
    model(piece("<unk>", 2), piece("a", 1), piece("a", 1));
    assertTrue(openError().contains("piece 'a' has two ids: 1 and 2"));
    model(piece("<unk>", 2), piece("ab", 1), piece("a", 1), bpe);
    assertTrue(openError().contains("piece 1 ('ab') has a character that is no piece"));
    model(piece("<unk>", 2), field(2, new byte[] {3 << 3, 3}));
    assertTrue(openError().contains("models of type WORD"));
    model(piece("<unk>", 2), piece("a", 9));
    assertTrue(openError().contains("unknown type of piece 1: 9"));
    model(piece("<unk>", 2), field(3, field(2, new byte[] {9, 0, 0, 0, 1, 2, 3, 4})));
    assertTrue(openError().contains("charsmap"));
  }

  @Test
  void namesTheLineOfMergesThatIsWrong() throws Exception {
    copy("gpt2", "vocab.json");
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\nt h\nno merge\n");
    assertTrue(openError().contains("names no tokenizer class"));
    config("{\"tokenizer_class\": \"GPTNeoXTokenizerFast\"}");
    assertTrue(openError().contains("the tokenizer class GPTNeoXTokenizer does is not known"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gpt2\"}");
    config("{}");
    assertTrue(openError().contains("merges.txt: line 3 is not a merge"));
    Files.writeString(folder.resolve("merges.txt"), "t h\n");
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertEquals("[th, e]", pieces(tokenizer, "the"));
    }
    Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0}");
    assertTrue(openError().contains("it is not byte-level BPE"));
  }

  @Test
  void namesWhatIsWrongInTekken() throws Exception {
    copy("tekken-v3", "tekken.json");
    String json = Files.readString(folder.resolve("tekken.json"));
    tekken(json.replace("\"v3\"", "\"v11\""));
    assertTrue(openError().contains("no special_tokens, which version v11 needs"));
    tekken(json.replace("\"default_vocab_size\": 630", "\"default_vocab_size\": 6300"));
    assertTrue(openError().contains("vocab has 640 pieces of 6270"));
    tekken(json.replace("\"rank\": 5,", "\"rank\": 6,"));
    assertTrue(openError().contains("piece 5 of vocab has the rank 6"));
    tekken(json.replace("\"AQ==\"", "\"A?==\""));
    assertTrue(openError().contains("piece 1 of vocab is not in base 64: A?=="));
    tekken(json.substring(0, 5000));
    assertTrue(openError().contains("not valid JSON"));
  }

  @Test
  void survivesBrokenModels() throws Exception {
    byte[] model = Files.readAllBytes(VOCABULARIES.resolve("bpe-rules/tokenizer.model"));
    Random random = new Random(1);
    for (int round = 0; round < 300; round++) {
      byte[] broken = model.clone();
      if (round % 2 == 0) broken = Arrays.copyOf(broken, random.nextInt(broken.length));
      for (int i = 0; i < 4 && broken.length > 0; i++)
        broken[random.nextInt(Math.min(broken.length, 200))] = (byte) random.nextInt();
      Path file = folder.resolve("tokenizer.model");
      Files.write(file, broken);
      try {
        SentencePieceConverter.convert(file, TokenizerFolder.read(folder)).prepare().apply("ﾊﾞ é");
      } catch (IOException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      }
    }
    ProtoReader group = new ProtoReader(ByteBuffer.wrap(new byte[] {0x0B}));
    assertEquals(1, group.next());
    assertTrue(assertThrows(IOException.class, group::next).getMessage().contains("wire type 3"));
  }

  private Form chosen(TokenizerMode mode) throws IOException {
    return TokenizerFiles.choose(folder, mode).form();
  }

  private static String modeError(String mode) {
    return assertThrows(IllegalArgumentException.class, () -> TokenizerMode.parse(mode))
        .getMessage();
  }

  private String openError() {
    return openError(TokenizerMode.AUTO);
  }

  private String openError(TokenizerMode mode) {
    String message =
        assertThrows(IOException.class, () -> Tokenizer.open(folder, mode)).getMessage();
    assertTrue(message.contains(folder.toString()), message);
    return message;
  }

  private static String pieces(Tokenizer tokenizer, String text) {
    return IntStream.of(tokenizer.encode(text, false))
        .mapToObj(tokenizer::token)
        .toList()
        .toString();
  }

  private void copy(String from, String name) throws IOException {
    copy(from, name, name);
  }

  private void copy(String from, String name, String to) throws IOException {
    Files.copy(VOCABULARIES.resolve(from).resolve(name), folder.resolve(to));
  }

  private void config(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer_config.json"), json);
  }

  private void tekken(String json) throws IOException {
    Files.writeString(folder.resolve("tekken.json"), json);
  }

  private void model(byte[]... fields) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] field : fields) out.write(field);
    Files.write(folder.resolve("tokenizer.model"), out.toByteArray());
  }

  private static byte[] piece(String text, int type) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(field(1, text.getBytes(StandardCharsets.UTF_8)));
    out.write(new byte[] {3 << 3, (byte) type});
    return field(1, out.toByteArray());
  }

  private static byte[] field(int number, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(number << 3 | 2);
    out.write(bytes.length);
    out.write(bytes);
    return out.toByteArray();
  }
}
