package dev.quern.model;

import java.util.Arrays;

/**
 * Rotary embedding after every patch of the config's many spellings: frequencies are already those
 * to use.
 *
 * @param inverseFrequencies [rotaryDim/2]
 * @param attentionFactor multiplies cos and sin (yarn, longrope)
 * @param rotaryDim dimensions of a head that rotate
 * @param interleaved pairs are neighbours instead of halves
 */
public record RopeSpec(
    float[] inverseFrequencies, float attentionFactor, int rotaryDim, boolean interleaved) {
  /** Whether both have the same cos and sin. */
  boolean sameTable(RopeSpec other) {
    return attentionFactor == other.attentionFactor
        && Arrays.equals(inverseFrequencies, other.inverseFrequencies);
  }
}
