package dev.quern.checkpoint;

import dev.quern.model.BoundWeights;

/** Bound weights and what loading them took. */
public record LoadedWeights(BoundWeights weights, LoadReport report) {}
