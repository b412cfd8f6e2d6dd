package dev.quern.backend;

/**
 * A bound normalisation over the last dimension.
 *
 * @param kind RMS: {@code x / sqrt(mean(x²) + eps)}; LAYER: {@code (x - mean) / sqrt(var + eps)}
 * @param weight [1,N], or null for none
 * @param bias [1,N], or null for none
 * @param eps added inside the root
 * @param weightOffset added to every weight (1 for Gemma, which stores w - 1)
 */
public record Norm(Kind kind, Tensor weight, Tensor bias, float eps, float weightOffset) {
  /** The two normalisations in use. */
  public enum Kind {
    RMS,
    LAYER
  }
}
