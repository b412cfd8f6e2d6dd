package dev.quern.checkpoint;

import java.util.Locale;

/**
 * What loading weights took.
 *
 * @param weights matrices and vectors bound
 * @param storedBytes bytes read from files
 * @param deviceBytes bytes of the matrices in the device's memory
 * @param dummy the values are random
 */
public record LoadReport(
    int weights, int files, long storedBytes, long deviceBytes, long nanos, boolean dummy) {
  /** Bytes read per second in units of 10⁹. */
  public double gigabytesPerSecond() {
    return nanos == 0 ? 0 : (double) storedBytes / nanos;
  }

  /** One line for the load summary. */
  public String summary() {
    if (dummy)
      return String.format(
          Locale.ROOT,
          "DUMMY weights (random values, the output means nothing): %d weights, %.3f GB on the"
              + " device, %.2f s",
          weights,
          deviceBytes / 1e9,
          nanos / 1e9);
    return String.format(
        Locale.ROOT,
        "weights: %d from %d file(s), %.3f GB in %.2f s (%.2f GB/s), %.3f GB on the device",
        weights,
        files,
        storedBytes / 1e9,
        nanos / 1e9,
        gigabytesPerSecond(),
        deviceBytes / 1e9);
  }
}
