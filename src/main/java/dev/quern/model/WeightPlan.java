package dev.quern.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Every weight a model needs, in the order of the forward pass.
 *
 * @param slots what to load
 * @param ignored whole names of tensors that may be in a checkpoint and are not read, such as
 *     stored rotary frequencies or the head of a tied model
 * @param prefixes prefixes that a checkpoint may have or lack before the names given here, such as
 *     {@code model.}: where a name is not there, it is looked for with each prefix added, or taken
 *     off where it has it, in order
 */
public record WeightPlan(List<WeightSlot> slots, List<Pattern> ignored, List<String> prefixes) {}
