package dev.quern.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Whether two sides choose the same tokens where the choice is more than rounding: each place at
 * which the best token of the exact side leads by more than four times the RMS difference of the
 * two, over all places and the whole vocabulary, is decided, and there the other must choose it
 * too.
 */
final class DecidedTokens {
  private static final double DECIDED = 4;

  /**
   * @param margin by which the exact side's best token leads
   * @param fed what the other side chooses when it is fed the same text
   * @param rms of the differences at this place
   */
  private record Choice(
      Supplier<String> place, double margin, int best, int chosen, int fed, double rms) {
    boolean same() {
      return chosen == best;
    }
  }

  private final List<Choice> choices = new ArrayList<>();
  private double squares;
  private long count;

  /**
   * A place.
   *
   * @param place for a message
   * @param expected the exact side's log-probabilities
   * @param actual the other side's
   * @param chosen the other side's token
   */
  void add(Supplier<String> place, float[] expected, float[] actual, int chosen) {
    int best = argmax(expected, -1);
    double margin = (double) expected[best] - expected[argmax(expected, best)];
    double sum = 0;
    for (int v = 0; v < expected.length; v++) {
      double d = (double) actual[v] - expected[v];
      sum += d * d;
    }
    double here = Math.sqrt(sum / expected.length);
    choices.add(new Choice(place, margin, best, chosen, argmax(actual, -1), here));
    squares += sum;
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
    return wrongPlaces().size();
  }

  /** A line for each. */
  List<String> wrongPlaces() {
    double least = DECIDED * rms();
    return choices.stream()
        .filter(c -> c.margin > least && !c.same())
        .map(
            c ->
                ("%s: token %d was chosen, on the CPU %d leads by %.3f (%.1f x RMS); the device,"
                        + " fed the same text, chooses %d, and its RMS difference here is %.3f")
                    .formatted(
                        c.place.get(), c.chosen, c.best, c.margin, c.margin / rms(), c.fed, c.rms))
        .toList();
  }

  /** The largest lead over a token that the other side chose instead, in RMS differences. */
  double worst() {
    return choices.stream().filter(c -> !c.same()).mapToDouble(Choice::margin).max().orElse(0)
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
