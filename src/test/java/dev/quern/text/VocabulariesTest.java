package dev.quern.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
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
    try (Tokenizer tokenizer = Tokenizer.open(FOLDER.resolve(name))) {
      GoldenRows.compare(tokenizer, rows);
    }
  }
}
