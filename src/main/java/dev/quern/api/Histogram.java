package dev.quern.api;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** A Prometheus histogram. Many threads observe, one reads. */
final class Histogram {
  private final double[] bounds;

  /** How many fell into each bucket alone, the last one for all above the bounds. */
  private final LongAdder[] counts;

  private final DoubleAdder sum = new DoubleAdder();

  /**
   * @param bounds the buckets' upper ends, ascending
   */
  Histogram(double... bounds) {
    this.bounds = bounds;
    counts = new LongAdder[bounds.length + 1];
    for (int i = 0; i < counts.length; i++) counts[i] = new LongAdder();
  }

  /** Buckets at 1, 2, 5, 10, 20, 50, … up to a limit. */
  static Histogram oneTwoFive(int limit) {
    double[] bounds = new double[32];
    int count = 0;
    for (long decade = 1; decade <= limit; decade *= 10)
      for (int step : new int[] {1, 2, 5})
        if (step * decade <= limit) bounds[count++] = step * decade;
    return new Histogram(Arrays.copyOf(bounds, count));
  }

  void observe(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    counts[bucket].increment();
    sum.add(value);
  }

  void write(MetricsText text, String name, String help) {
    text.head(name, "histogram", help);
    long below = 0;
    for (int i = 0; i < bounds.length; i++) {
      below += counts[i].sum();
      text.value(name + "_bucket", below, "le", Double.toString(bounds[i]));
    }
    below += counts[bounds.length].sum();
    text.value(name + "_bucket", below, "le", "+Inf");
    text.value(name + "_count", below);
    text.value(name + "_sum", sum.sum());
  }
}
