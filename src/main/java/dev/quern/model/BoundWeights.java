package dev.quern.model;

import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import java.util.Map;

/** The loaded weights by slot name: matrices and vectors. */
public record BoundWeights(Map<String, Weight> matrices, Map<String, Tensor> vectors) {}
