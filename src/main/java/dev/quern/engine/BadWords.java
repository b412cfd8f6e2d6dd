package dev.quern.engine;

import dev.quern.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Words that must not come up, as id sequences: the last id of each is banned where the output ends
 * with those before it.
 */
final class BadWords {
  static final BadWords NONE = new BadWords(List.of());

  private static final int MAX_SEQUENCES = 128;

  /** Banned whatever came before. */
  private final int[] single;

  private final int[][] multiple;

  private BadWords(List<int[]> sequences) {
    single =
        sequences.stream()
            .filter(ids -> ids.length == 1)
            .mapToInt(ids -> ids[0])
            .distinct()
            .toArray();
    multiple = sequences.stream().filter(ids -> ids.length > 1).toArray(int[][]::new);
  }

  /**
   * Ids of the words, each as it stands at the start of a text and, where that takes as many ids
   * and begins with another, after a space.
   */
  static BadWords of(List<String> words, Tokenizer tokenizer, int vocabularySize) {
    if (words.isEmpty()) return NONE;
    if (tokenizer == null)
      throw new InvalidRequestException(
          "bad_words needs a tokenizer, and the engine runs without one", "bad_words");
    List<int[]> sequences = new ArrayList<>();
    for (String word : words) {
      String bare = word.stripLeading();
      int[] first = tokenizer.encode(bare, false);
      int[] spaced = tokenizer.encode(" " + bare, false);
      if (first.length > 0) sequences.add(first);
      if (spaced.length > 0 && spaced.length == first.length && spaced[0] != first[0])
        sequences.add(spaced);
    }
    if (sequences.size() > MAX_SEQUENCES)
      throw new InvalidRequestException(
          "bad_words come to "
              + sequences.size()
              + " token sequences; at most "
              + MAX_SEQUENCES
              + " are allowed",
          "bad_words");
    for (int[] ids : sequences)
      for (int id : ids)
        if (id >= vocabularySize)
          throw new InvalidRequestException(
              "bad_words use the token id "
                  + id
                  + ", which is outside the model's vocabulary of "
                  + vocabularySize,
              "bad_words");
    return new BadWords(sequences);
  }

  int[] single() {
    return single;
  }

  /** Whether what is banned depends on the output so far. */
  boolean looksBack() {
    return multiple.length > 0;
  }

  /** {@code banned} and the ids that the output {@code tokens[from, to)} bans. */
  int[] addTo(int[] banned, int[] tokens, int from, int to) {
    int[] all = banned;
    for (int[] word : multiple) {
      int before = word.length - 1;
      int start = to - before;
      if (start < from || !Arrays.equals(tokens, start, to, word, 0, before)) continue;
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = word[before];
    }
    return all;
  }
}
