package dev.quern.text;

import dev.quern.text.TokenizerJson.Merge;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Merges of a vocabulary that has none of its own because any two neighbours merge whose joined
 * text is a piece, the best piece first.
 *
 * <p>The library needs them as a list, so each way to cut each piece in two is one. Ways to make
 * pieces of the same rank are ordered as transformers' converters do.
 */
final class PieceMerges {
  /**
   * @param rank lower goes first
   */
  private record Ranked(Merge merge, double rank, int leftId, int rightId) {}

  private PieceMerges() {}

  /**
   * The merges of a SentencePiece BPE model.
   *
   * @param scores by id; higher goes first
   * @param mergeable whether the id's piece is found in text by its score; no other is made by
   *     merging or merges further
   */
  static List<Merge> ofScores(VocabularyDraft vocabulary, double[] scores, boolean[] mergeable) {
    ToIntFunction<String> idOf = idOf(vocabulary, mergeable);
    List<Ranked> all = new ArrayList<>();
    for (int id = 0; id < mergeable.length; id++)
      if (mergeable[id]) all.addAll(ways(vocabulary.piece(id), -scores[id], idOf));
    all.sort(
        Comparator.comparingDouble(Ranked::rank)
            .thenComparing(r -> r.merge.left().length(), Comparator.reverseOrder())
            .thenComparing(r -> r.merge.right().length(), Comparator.reverseOrder()));
    return all.stream().map(Ranked::merge).toList();
  }

  /** Whether a text is the join of two pieces that merge. */
  static boolean canBeMade(VocabularyDraft vocabulary, String text, boolean[] mergeable) {
    return !ways(text, 0, idOf(vocabulary, mergeable)).isEmpty();
  }

  private static ToIntFunction<String> idOf(VocabularyDraft vocabulary, boolean[] mergeable) {
    return text -> {
      int id = vocabulary.id(text);
      return id >= 0 && id < mergeable.length && mergeable[id] ? id : -1;
    };
  }

  /**
   * The merges of a vocabulary whose rank is its order.
   *
   * @param pieces in order of rank
   * @param rankOf rank of a piece, or -1
   */
  static List<Merge> ofRanks(List<String> pieces, ToIntFunction<String> rankOf) {
    List<Merge> merges = new ArrayList<>();
    for (int rank = 0; rank < pieces.size(); rank++) {
      for (Ranked way : ways(pieces.get(rank), rank, rankOf)) merges.add(way.merge);
    }
    return merges;
  }

  private static List<Ranked> ways(String piece, double rank, ToIntFunction<String> idOf) {
    List<Ranked> ways = new ArrayList<>(2);
    for (int cut = 1; cut < piece.length(); cut++) {
      if (Character.isLowSurrogate(piece.charAt(cut))) continue;
      int left = idOf.applyAsInt(piece.substring(0, cut));
      if (left < 0) continue;
      int right = idOf.applyAsInt(piece.substring(cut));
      if (right >= 0)
        ways.add(
            new Ranked(
                new Merge(piece.substring(0, cut), piece.substring(cut)), rank, left, right));
    }
    ways.sort(Comparator.comparingInt(Ranked::leftId).thenComparingInt(Ranked::rightId));
    return ways;
  }
}
