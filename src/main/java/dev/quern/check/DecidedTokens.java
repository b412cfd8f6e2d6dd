package dev.quern.check;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether two sides choose the same tokens where the choice is more than rounding: each place at
 * which the best token of the exact side leads by more than four times the RMS difference of the
 * two, over all places and the whole vocabulary, is decided, and there the other must choose it
 * too.
 */
final class DecidedTokens {
  private static final double DECIDED = 4;

  private record Choice(double margin, boolean same) {}

  private final List<Choice> choices = new ArrayList<>();
  private double squares;
  private long count;

  /**
   * A place.
   *
   * @param expected the exact side's log-probabilities
   * @param actual the other side's
   * @param chosen the other side's token
   */
  void add(float[] expected, float[] actual, int chosen) {
    int best = argmax(expected, -1);
    double margin = (double) expected[best] - expected[argmax(expected, best)];
    choices.add(new Choice(margin, chosen == best));
    for (int v = 0; v < expected.length; v++) {
      double d = (double) actual[v] - expected[v];
      squares += d * d;
    }
    count += expected.length;
  }

  double rms() {
    return Math.sqrt(squares / Math.max(1, count));
  }

  int places() {
    return choices.size();
  }

  int decided() {
    double least = DECIDED * rms();
    return (int) choices.stream().filter(c -> c.margin > least).count();
  }

  /** Of the decided ones. */
  int wrong() {
    double least = DECIDED * rms();
    return (int) choices.stream().filter(c -> c.margin > least && !c.same).count();
  }

  /** The largest lead over a token that the other side chose instead, in RMS differences. */
  double worst() {
    return choices.stream().filter(c -> !c.same).mapToDouble(Choice::margin).max().orElse(0)
        / rms();
  }

  /** The first of the highest, {@code but} left out. */
  static int argmax(float[] values, int but) {
    int best = but == 0 ? 1 : 0;
    for (int v = 0; v < values.length; v++) {
      if (v != but && values[v] > values[best]) {
        best = v;
      }
    }
    return best;
  }
}
