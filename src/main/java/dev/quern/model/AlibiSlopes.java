package dev.quern.model;

/** Slopes of attention with linear biases (arXiv 2108.12409) for any number of heads. */
final class AlibiSlopes {
  private AlibiSlopes() {}

  /**
   * 2^(-8/n), 2^(-16/n)… for n heads, a power of two; for other numbers those of the power below,
   * then every second one of the power above.
   */
  static float[] of(int heads, float scale) {
    int below = Integer.highestOneBit(heads);
    float[] slopes = new float[heads];
    for (int head = 0; head < heads; head++) {
      double exponent =
          head < below
              ? -8.0 * (head + 1) / below
              : -8.0 * (2 * (head - below) + 1) / (2.0 * below);
      slopes[head] = (float) Math.pow(2, exponent) * scale;
    }
    return slopes;
  }
}
