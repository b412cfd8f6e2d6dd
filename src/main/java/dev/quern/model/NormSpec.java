package dev.quern.model;

import dev.quern.backend.Norm;

/**
 * A normalisation as the config describes it; see {@link Norm} for the formulas.
 *
 * @param weighted has a learned weight (OLMo 1 has none)
 * @param bias has a learned bias
 */
public record NormSpec(
    Norm.Kind kind, float eps, float weightOffset, boolean weighted, boolean bias) {
  public static NormSpec rms(double eps) {
    return new NormSpec(Norm.Kind.RMS, (float) eps, 0, true, false);
  }

  public static NormSpec layer(double eps, boolean bias) {
    return new NormSpec(Norm.Kind.LAYER, (float) eps, 0, true, bias);
  }
}
