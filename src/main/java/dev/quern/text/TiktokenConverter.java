package dev.quern.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A tiktoken file (a piece in base 64 and its rank on each line) as a {@code tokenizer.json}. The
 * file has neither pattern nor special tokens: the pattern is Llama 3's, which transformers takes
 * too, and the tokens are those that {@code tokenizer_config.json} declares.
 */
final class TiktokenConverter {
  private static final String PATTERN =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private TiktokenConverter() {}

  /** Whether a file begins as one: a line with a word of base 64 and a number. */
  static boolean looksLikeOne(Path file) throws IOException {
    byte[] head = new byte[64];
    int count;
    try (var in = Files.newInputStream(file)) {
      count = Math.max(0, in.readNBytes(head, 0, head.length));
    }
    String text = new String(head, 0, count, StandardCharsets.ISO_8859_1);
    return text.matches("(?s)[A-Za-z0-9+/]+=* \\d+\\r?\\n.*");
  }

  static Conversion convert(Path file, TokenizerFolder folder) throws IOException {
    try {
      RankedVocabulary pieces = pieces(file);
      List<AddedToken> added = folder.addedTokens();
      if (added.isEmpty() || folder.config().specialTokens().isEmpty())
        throw new IOException(
            "it has no special tokens, and tokenizer_config.json beside it declares none");
      VocabularyDraft vocabulary = new VocabularyDraft();
      for (AddedToken token : added) {
        if (token.id() < pieces.size())
          throw new IOException(
              "the token '" + token.text() + "' has the id " + token.id() + " of a piece");
        vocabulary.add(token);
      }
      Map<String, String> named = new HashMap<>(folder.config().specialTokens());
      vocabulary.addSpecial(named.values());
      vocabulary.addSpecial(folder.config().extraSpecial());
      String bos = folder.flag("add_bos_token", true) ? named.get("bos_token") : null;
      String eos = folder.flag("add_eos_token", false) ? named.get("eos_token") : null;
      byte[] json = pieces.json(vocabulary, 0, PATTERN, TokenizerJson.frame(vocabulary, bos, eos));
      return new Conversion(file, json, vocabulary, text -> text, named);
    } catch (IOException e) {
      throw RankedVocabulary.in(file, e);
    }
  }

  private static RankedVocabulary pieces(Path file) throws IOException {
    RankedVocabulary pieces = new RankedVocabulary();
    int line = 0;
    for (String text : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      line++;
      if (text.isBlank()) continue;
      int blank = text.indexOf(' ');
      try {
        int rank = Integer.parseInt(text.substring(blank + 1).strip());
        if (rank != pieces.size())
          throw new IOException(
              "line " + line + " has the rank " + rank + ", not " + pieces.size());
        pieces.add(Base64.getDecoder().decode(text.substring(0, Math.max(0, blank))));
      } catch (IllegalArgumentException e) {
        throw new IOException("line " + line + " is not a piece in base 64 and a rank", e);
      }
    }
    return pieces;
  }
}
