package dev.quern.model.family;

import dev.quern.model.ModelSpec;
import dev.quern.model.WeightPlan;

/** A model as data: what it computes and what it loads. */
public record Description(ModelSpec spec, WeightPlan weights) {}
