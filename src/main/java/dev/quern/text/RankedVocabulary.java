package dev.quern.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A vocabulary of byte strings whose order is the order of merging, as tiktoken has it: a text that
 * is a piece is taken whole, and else the two neighbours merge whose joined bytes have the lowest
 * rank.
 */
final class RankedVocabulary {
  private static final int BYTES = 256;

  private final List<String> pieces = new ArrayList<>();
  private final Map<String, Integer> ranks = new HashMap<>();

  /** Adds the piece of the next rank. */
  void add(byte[] bytes) throws IOException {
    String text = ByteLevel.text(bytes);
    Integer other = ranks.put(text, pieces.size());
    if (text.isEmpty() || other != null)
      throw new IOException(
          "rank " + pieces.size() + (other == null ? " is empty" : " repeats rank " + other));
    pieces.add(text);
  }

  int size() {
    return pieces.size();
  }

  /**
   * @param firstId the id of rank 0
   * @param vocabulary the special tokens, to which the pieces are added; a piece spelled like one
   *     of them is never found in text and left out
   */
  byte[] json(VocabularyDraft vocabulary, int firstId, String pattern, Object postProcessor)
      throws IOException {
    for (int b = 0; b < BYTES; b++)
      if (!ranks.containsKey(ByteLevel.text(b)))
        throw new IOException("it has no piece for the byte " + b);
    for (int rank = 0; rank < pieces.size(); rank++)
      if (vocabulary.id(pieces.get(rank)) < 0) vocabulary.put(pieces.get(rank), firstId + rank);
    TokenizerJson.Model model =
        new TokenizerJson.Model.Bpe(
            PieceMerges.ofRanks(pieces, piece -> ranks.getOrDefault(piece, -1)), null, false, true);
    Object steps =
        Map.of(
            "type",
            "Sequence",
            "pretokenizers",
            List.of(ByteLevel.split(pattern), ByteLevel.preTokenizer(false, false)));
    return TokenizerJson.write(vocabulary, model, null, steps, postProcessor, ByteLevel.decoder());
  }

  /** Names the file in an error. */
  static IOException in(Path file, IOException e) {
    return new IOException(file + " cannot be converted: " + e.getMessage(), e);
  }
}
