package dev.quern.text;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Which file of a folder a tokenizer is read from, and in what form. */
record TokenizerFiles(Form form, Path file) {
  private static final String LIBRARY = "tokenizer.json";
  private static final String TEKKEN = "tekken.json";
  private static final String VOCABULARY = "vocab.json";
  static final String MERGES = "merges.txt";
  private static final String MISTRAL_PREFIX = "tokenizer.model.v";
  private static final List<String> SENTENCE_PIECE = List.of("tokenizer.model", "spiece.model");

  enum Form {
    LIBRARY,
    SENTENCE_PIECE,
    MERGES,
    TEKKEN,
    TIKTOKEN
  }

  static TokenizerFiles choose(Path folder, TokenizerMode mode) throws IOException {
    TokenizerFiles found =
        switch (mode) {
          case AUTO -> {
            TokenizerFiles own = hasOwnWeights(folder) ? mistral(folder) : null;
            yield own != null ? own : hf(folder);
          }
          case HF -> hf(folder);
          case SLOW -> slow(folder);
          case MISTRAL -> mistral(folder);
        };
    if (found != null) return found;
    throw new FileNotFoundException(
        switch (mode) {
          case AUTO, HF ->
              folder.resolve(LIBRARY)
                  + ": no such file, and the folder has none of tokenizer.model, vocab.json with"
                  + " merges.txt, tekken.json and tokenizer.model.v* either";
          case SLOW ->
              folder
                  + ": nothing for the tokenizer mode slow: neither tokenizer.model nor vocab.json"
                  + " with merges.txt";
          case MISTRAL ->
              folder
                  + ": nothing for the tokenizer mode mistral: neither tekken.json nor"
                  + " tokenizer.model.v*";
        });
  }

  private static TokenizerFiles hf(Path folder) throws IOException {
    if (has(folder, LIBRARY)) return new TokenizerFiles(Form.LIBRARY, folder.resolve(LIBRARY));
    TokenizerFiles slow = slow(folder);
    if (slow != null) return slow;
    return mistral(folder);
  }

  private static TokenizerFiles slow(Path folder) throws IOException {
    for (String name : SENTENCE_PIECE)
      if (has(folder, name)) return sentencePiece(folder.resolve(name));
    if (has(folder, VOCABULARY) && has(folder, MERGES))
      return new TokenizerFiles(Form.MERGES, folder.resolve(VOCABULARY));
    return null;
  }

  private static TokenizerFiles mistral(Path folder) throws IOException {
    if (has(folder, TEKKEN)) return new TokenizerFiles(Form.TEKKEN, folder.resolve(TEKKEN));
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> version(file) > 0)
          .max(Comparator.comparingInt(TokenizerFiles::version))
          .map(file -> new TokenizerFiles(Form.SENTENCE_PIECE, file))
          .orElse(null);
    }
  }

  /** Some models call a tiktoken file {@code tokenizer.model}. */
  private static TokenizerFiles sentencePiece(Path file) throws IOException {
    return new TokenizerFiles(
        TiktokenConverter.looksLikeOne(file) ? Form.TIKTOKEN : Form.SENTENCE_PIECE, file);
  }

  /** The number in {@code tokenizer.model.v3} or {@code tokenizer.model.v3m1}, or 0. */
  private static int version(Path file) {
    String name = file.getFileName().toString();
    if (!name.matches("tokenizer\\.model\\.v\\d{1,4}(m\\d{1,4})?")) return 0;
    return Integer.parseInt(name.substring(MISTRAL_PREFIX.length()).replaceFirst("m.*", ""));
  }

  private static boolean hasOwnWeights(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(
          file -> file.getFileName().toString().matches("consolidated.*\\.safetensors"));
    }
  }

  private static boolean has(Path folder, String name) {
    return Files.isRegularFile(folder.resolve(name));
  }

  /** The file as a {@code tokenizer.json}; not for {@link Form#LIBRARY}, which is one. */
  Conversion convert(TokenizerFolder folder) throws IOException {
    return switch (form) {
      case LIBRARY -> throw new IllegalStateException(file + " needs no conversion");
      case SENTENCE_PIECE -> SentencePieceConverter.convert(file, folder);
      case MERGES -> MergesConverter.convert(file, file.resolveSibling(MERGES), folder);
      case TEKKEN -> TekkenConverter.convert(file, folder);
      case TIKTOKEN -> TiktokenConverter.convert(file, folder);
    };
  }
}
