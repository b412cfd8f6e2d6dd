package dev.quern.text;

import java.util.List;

/**
 * Finds stop strings in text that comes in pieces, holding back what could still turn out to be the
 * start of one.
 *
 * <p>The match that is complete first wins; among those complete at the same character, the one
 * that stands first in the list. How the text is cut into pieces makes no difference to what is
 * given out in all.
 *
 * <p>Invariant: {@code text[0, emitted)} has been given out and is kept only as far as a match may
 * reach back.
 */
public final class StopMatcher {
  private final List<String> stops;
  private final boolean includeStop;
  private final int reach;
  private final StringBuilder text = new StringBuilder();
  private int emitted;
  private String matched;

  /**
   * @param stops the stop strings, none of them empty
   * @param includeStop whether the text given out ends with the stop string rather than before it
   */
  public StopMatcher(List<String> stops, boolean includeStop) {
    int longest = 0;
    for (String stop : stops) {
      if (stop.isEmpty()) throw new IllegalArgumentException("a stop string must not be empty");
      longest = Math.max(longest, stop.length());
    }
    this.stops = List.copyOf(stops);
    this.includeStop = includeStop;
    this.reach = Math.max(0, longest - 1);
  }

  /**
   * Takes the next piece and gives the text that is certain now.
   *
   * @param check false while stop strings do not count yet (min_tokens): a match that ends in this
   *     piece is passed over
   */
  public String push(String piece, boolean check) {
    if (matched != null) return "";
    int before = text.length();
    text.append(piece);
    if (check) {
      int end = findStop(before);
      if (matched != null) return give(Math.max(emitted, end));
    }
    return give(safeEnd());
  }

  /** The text still held back, once no more comes. */
  public String finish() {
    return matched != null ? "" : give(text.length());
  }

  /** The stop string that ended the text, or null. */
  public String matched() {
    return matched;
  }

  /**
   * Looks for matches that end after {@code before}; sets {@code matched} and returns where the
   * output ends.
   */
  private int findStop(int before) {
    int firstEnd = Integer.MAX_VALUE;
    for (int i = 0; i < stops.size(); i++) {
      String stop = stops.get(i);
      int start = text.indexOf(stop, Math.max(0, before - stop.length() + 1));
      if (start >= 0 && start + stop.length() < firstEnd) {
        firstEnd = start + stop.length();
        matched = stop;
      }
    }
    return matched == null || includeStop ? firstEnd : firstEnd - matched.length();
  }

  private int safeEnd() {
    int end = includeStop ? text.length() : Math.max(emitted, text.length() - reach);
    boolean insidePair =
        end > emitted
            && end < text.length()
            && Character.isLowSurrogate(text.charAt(end))
            && Character.isHighSurrogate(text.charAt(end - 1));
    return insidePair ? end - 1 : end;
  }

  private String give(int end) {
    String given = text.substring(emitted, end);
    int unreachable = Math.max(0, Math.min(end, text.length() - reach));
    text.delete(0, unreachable);
    emitted = end - unreachable;
    return given;
  }
}
