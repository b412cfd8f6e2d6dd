package dev.quern.bench;

/**
 * What the machine does at most, measured beside the results that are compared with it.
 *
 * @param bytesPerSecond read from memory by all threads
 * @param flopsPerSecond fp32 fused multiply-adds by all threads, two operations each
 */
public record Limits(double bytesPerSecond, double flopsPerSecond) {
  /** Between two measurements: what held for the work done between them. */
  Limits mean(Limits other) {
    return new Limits(
        (bytesPerSecond + other.bytesPerSecond) / 2, (flopsPerSecond + other.flopsPerSecond) / 2);
  }
}
