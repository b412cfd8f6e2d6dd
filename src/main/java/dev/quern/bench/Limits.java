package dev.quern.bench;

import java.util.Locale;

/**
 * What the machine does at most, measured beside the results that are compared with it.
 *
 * @param bytesPerSecond moved between memory and processor by all of it
 * @param flopsPerSecond of the arithmetic that the model's products use
 * @param rates how both were measured, for the report, such as {@code reads 20.1 GB/s, computes …}
 */
public record Limits(double bytesPerSecond, double flopsPerSecond, String rates) {
  /** In short, for a table. */
  String summary() {
    return String.format(
        Locale.ROOT, "%.2f TB/s, %.0f TFLOP/s", bytesPerSecond / 1e12, flopsPerSecond / 1e12);
  }

  public Limits times(double factor) {
    return new Limits(bytesPerSecond * factor, flopsPerSecond * factor, rates);
  }

  public Limits plus(Limits other) {
    return new Limits(
        bytesPerSecond + other.bytesPerSecond, flopsPerSecond + other.flopsPerSecond, rates);
  }

  /** Between two measurements: what held for the work done between them. */
  Limits mean(Limits other) {
    return new Limits(
        (bytesPerSecond + other.bytesPerSecond) / 2,
        (flopsPerSecond + other.flopsPerSecond) / 2,
        other.rates);
  }
}
