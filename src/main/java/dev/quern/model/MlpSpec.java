package dev.quern.model;

import dev.quern.backend.Activation;

/** One layer's feed-forward block. */
public record MlpSpec(int ffnSize, Activation activation, boolean gated, boolean bias) {}
