package dev.quern.bench;

/**
 * What the machine does at most, measured beside the results that are compared with it.
 *
 * @param bytesPerSecond moved between memory and processor by all of it
 * @param flopsPerSecond of the arithmetic that the model's products use
 * @param rates how both were measured, for the report, such as {@code reads 20.1 GB/s, computes …}
 */
public record Limits(double bytesPerSecond, double flopsPerSecond, String rates) {
  /** Between two measurements: what held for the work done between them. */
  Limits mean(Limits other) {
    return new Limits(
        (bytesPerSecond + other.bytesPerSecond) / 2,
        (flopsPerSecond + other.flopsPerSecond) / 2,
        other.rates);
  }
}
