package dev.quern.model;

/**
 * Inverse frequencies and attention factor of every rope type. Computed in double from the formulas
 * of the papers (NTK-aware and dynamic scaling by bloc97 and emozilla; YaRN, arXiv 2309.00071;
 * LongRoPE, arXiv 2402.13753) and of Llama 3.1; names as in transformers.
 *
 * <p>Symbols: b theta, d rotated dimensions, f factor, L context, L0 trained length.
 */
final class RopeFrequencies {
  private RopeFrequencies() {}

  /**
   * @param rotaryDim d, or 0 to take the settings' share of the head
   * @param maxPositions {@code max_position_embeddings}
   * @param contextTokens the longest sequence that will be run; longrope chooses by it
   */
  static RopeSpec of(
      RopeSettings rope,
      int headDim,
      int rotaryDim,
      int maxPositions,
      int contextTokens,
      boolean interleaved) {
    int dim = rotaryDim > 0 ? rotaryDim : (int) (headDim * rope.partial);
    if (rope.type.equals("proportional")) {
      dim = headDim;
    }
    if (dim < 2 || dim % 2 != 0 || dim > headDim) {
      throw new ModelConfigException(
          rope.values.source()
              + ": rotary embedding over "
              + dim
              + " of "
              + headDim
              + " head dimensions is not possible; it must be even and above 0");
    }
    double attention = 1;
    double[] frequencies;
    switch (rope.type) {
      case "default" -> frequencies = plain(rope.theta, dim);
      case "linear" -> frequencies = divided(plain(rope.theta, dim), required(rope, "factor"));
      case "dynamic" -> frequencies = dynamic(rope, dim);
      case "ntk" -> frequencies = ntk(rope, dim);
      case "llama3" -> frequencies = llama3(rope, dim, maxPositions);
      case "yarn" -> {
        frequencies = yarn(rope, dim, maxPositions);
        attention = yarnAttention(rope, maxPositions);
      }
      case "longrope" -> {
        frequencies = longrope(rope, dim, maxPositions, contextTokens);
        attention = longropeAttention(rope, maxPositions);
      }
      case "proportional" -> frequencies = proportional(rope, headDim);
      default -> throw unknown(rope);
    }
    return new RopeSpec(floats(rope, frequencies), (float) attention, dim, interleaved);
  }

  private static double[] plain(double theta, int dim) {
    double[] frequencies = new double[dim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = Math.pow(theta, -2.0 * i / dim);
    }
    return frequencies;
  }

  private static double[] divided(double[] frequencies, double by) {
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= by;
    }
    return frequencies;
  }

  /** b grows so that the longest context, f·L0, still fits one turn; fixed for all lengths. */
  private static double[] dynamic(RopeSettings rope, int dim) {
    double exponent = dim / (dim - 2.0);
    if (dim == 2) {
      throw new ModelConfigException(
          rope.values.source() + ": rope type dynamic needs more than 2 rotated dimensions");
    }
    if (rope.values.present("alpha")) {
      return plain(rope.theta * Math.pow(rope.values.positive("alpha"), exponent), dim);
    }
    double factor = required(rope, "factor");
    // (f·L/L0 - (f-1)) at L = f·L0.
    double grown = factor * factor - (factor - 1);
    return plain(rope.theta * Math.pow(grown, exponent), dim);
  }

  /** b·f with all frequencies divided by f^(2/d); with mixed_b, divided by dimension instead. */
  private static double[] ntk(RopeSettings rope, int dim) {
    double factor = required(rope, "factor");
    if (!rope.values.present("mixed_b")) {
      return divided(plain(rope.theta * factor, dim), Math.pow(factor, 2.0 / dim));
    }
    double[] frequencies = plain(rope.theta, dim);
    double b = rope.values.positive("mixed_b");
    double a = Math.log(factor) / Math.pow(dim / 2.0, b);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= Math.exp(a * Math.pow(i + 1, b));
    }
    return frequencies;
  }

  /** Long waves are stretched by f, short ones kept, those between blended. */
  private static double[] llama3(RopeSettings rope, int dim, int maxPositions) {
    double factor = required(rope, "factor");
    double low = required(rope, "low_freq_factor");
    double high = required(rope, "high_freq_factor");
    if (!(high > low)) {
      throw rope.values.invalid("high_freq_factor", "must be above low_freq_factor");
    }
    double original = rope.originalTokens(maxPositions);
    double[] frequencies = plain(rope.theta, dim);
    for (int i = 0; i < frequencies.length; i++) {
      double turns = original * frequencies[i] / (2 * Math.PI);
      double keep = Math.clamp((turns - low) / (high - low), 0, 1);
      frequencies[i] *= (1 - keep) / factor + keep;
    }
    return frequencies;
  }

  private static double[] yarn(RopeSettings rope, int dim, int maxPositions) {
    double original = rope.originalTokens(maxPositions);
    double factor = yarnFactor(rope, maxPositions);
    double low = yarnDimension(rope, nonZero(rope, "beta_fast", 32), dim, original);
    double high = yarnDimension(rope, nonZero(rope, "beta_slow", 1), dim, original);
    if (rope.values.flag(true, "truncate")) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, dim - 1);
    if (low == high) {
      high += 0.001;
    }
    double[] frequencies = plain(rope.theta, dim);
    for (int i = 0; i < frequencies.length; i++) {
      double stretch = Math.clamp((i - low) / (high - low), 0, 1);
      frequencies[i] *= stretch / factor + (1 - stretch);
    }
    return frequencies;
  }

  /** The dimension whose wave makes {@code turns} turns within the trained length. */
  private static double yarnDimension(RopeSettings rope, double turns, int dim, double original) {
    double dimension =
        dim * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(rope.theta));
    if (!Double.isFinite(dimension)) {
      throw rope.values.invalid("rope_theta", "gives no yarn range");
    }
    return dimension;
  }

  private static double yarnFactor(RopeSettings rope, int maxPositions) {
    return rope.values.present("factor")
        ? rope.values.positive("factor")
        : (double) maxPositions / rope.originalTokens(maxPositions);
  }

  private static double yarnAttention(RopeSettings rope, int maxPositions) {
    if (rope.values.present("attention_factor")) {
      return rope.values.positive("attention_factor");
    }
    double factor = yarnFactor(rope, maxPositions);
    double scale = rope.values.numberOr(0, "mscale");
    double allDimensions = rope.values.numberOr(0, "mscale_all_dim");
    double attention =
        scale != 0 && allDimensions != 0
            ? magnitude(factor, scale) / magnitude(factor, allDimensions)
            : magnitude(factor, 1);
    return attention * rope.values.positiveOr(1, "attn_factor");
  }

  private static double magnitude(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private static double[] longrope(
      RopeSettings rope, int dim, int maxPositions, int contextTokens) {
    String key = contextTokens > rope.originalTokens(maxPositions) ? "long_factor" : "short_factor";
    double[] factors = rope.values.numbers(key);
    if (factors.length != dim / 2) {
      throw rope.values.invalid(key, "must be an array of " + dim / 2 + " numbers");
    }
    double[] frequencies = plain(rope.theta, dim);
    for (int i = 0; i < factors.length; i++) {
      if (!(factors[i] > 0)) {
        throw rope.values.invalid(key, "must hold numbers above 0");
      }
      frequencies[i] /= factors[i];
    }
    return frequencies;
  }

  private static double longropeAttention(RopeSettings rope, int maxPositions) {
    if (rope.values.present("attention_factor")) {
      return rope.values.positive("attention_factor");
    }
    double factor = yarnFactor(rope, maxPositions);
    double original = rope.originalTokens(maxPositions);
    return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
  }

  /** Exponents over the whole head; the dimensions beyond the rotated share stand still. */
  private static double[] proportional(RopeSettings rope, int headDim) {
    double[] frequencies = divided(plain(rope.theta, headDim), rope.factor());
    for (int i = (int) (rope.partial * headDim / 2); i < frequencies.length; i++) {
      frequencies[i] = 0;
    }
    return frequencies;
  }

  private static double required(RopeSettings rope, String key) {
    return rope.values.positive(key);
  }

  /** transformers reads 0 as absent here. */
  private static double nonZero(RopeSettings rope, String key, double fallback) {
    return rope.values.numberOr(0, key) == 0 ? fallback : rope.values.positive(key);
  }

  private static float[] floats(RopeSettings rope, double[] frequencies) {
    float[] values = new float[frequencies.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) frequencies[i];
      if (!Float.isFinite(values[i])) {
        throw new ModelConfigException(
            rope.values.source() + ": the rope settings give a frequency that is not finite");
      }
    }
    return values;
  }

  private static ModelConfigException unknown(RopeSettings rope) {
    return new ModelConfigException(
        rope.values.source()
            + ": the rope type \""
            + rope.type
            + "\" is not known; known are default, linear, dynamic, ntk, llama3, yarn, longrope"
            + " and proportional");
  }
}
