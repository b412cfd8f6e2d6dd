package dev.quern.model.family;

import dev.quern.backend.DType;

/**
 * What a user may decide about a model's spec.
 *
 * @param dtype {@code --dtype}
 * @param storedDtype type of the checkpoint's tensors, for a config that names none; null when not
 *     known
 * @param maxModelLen {@code --max-model-len}; 0 for the longest that the config allows
 */
public record SpecOptions(String dtype, DType storedDtype, int maxModelLen) {
  public static final SpecOptions DEFAULT = new SpecOptions("auto", null, 0);
}
