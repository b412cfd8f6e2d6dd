package dev.quern.backend.cpu;

import dev.quern.backend.Activation;

/** The activations, computed in double. */
final class ScalarActivation {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private ScalarActivation() {}

  static float apply(Activation activation, float value) {
    double x = value;
    return (float)
        switch (activation) {
          case SILU -> x / (1 + Math.exp(-x));
          case GELU -> 0.5 * x * erfc(-x * Math.sqrt(0.5));
          case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
          case RELU -> Math.max(x, 0);
          case RELU2 -> Math.max(x, 0) * Math.max(x, 0);
          case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
          case XIELU -> throw new IllegalArgumentException("XIELU has parameters");
        };
  }

  /** XIELU of one value; [1,4] αp, αn, β, ε. */
  static float xielu(float value, CpuTensor parameters) {
    double x = value;
    double beta = parameters.get(0, 2);
    double curve =
        x > 0
            ? parameters.get(0, 0) * x * x
            : parameters.get(0, 1) * (Math.expm1(Math.min(x, parameters.get(0, 3))) - x);
    return (float) (curve + beta * x);
  }

  /**
   * 1 - erf(x) to about 1e-12: the Maclaurin series near 0, and a continued fraction (Lentz) in the
   * tail, both from Abramowitz and Stegun 7.1.6 and 7.1.14.
   */
  static double erfc(double x) {
    double z = Math.abs(x);
    if (z != z) {
      return z;
    }
    double tail = z < 2.5 ? 1 - series(z) : fraction(z);
    return x < 0 ? 2 - tail : tail;
  }

  /** erf(z) = 2/√π · e^-z² · Σ 2ⁿ z²ⁿ⁺¹ / (1·3·…·(2n+1)). */
  private static double series(double z) {
    double term = z;
    double sum = z;
    for (int n = 1; term > 1e-17 * sum; n++) {
      term *= 2 * z * z / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-z * z) * sum;
  }

  /** erfc(z) = e^-z²/√π · 1/(z + ½/(z + 1/(z + 3⁄2/(z + …)))), from the inside out. */
  private static double fraction(double z) {
    double value = z;
    for (int n = 60; n > 0; n--) {
      value = z + n * 0.5 / value;
    }
    return Math.exp(-z * z) / Math.sqrt(Math.PI) / value;
  }
}
