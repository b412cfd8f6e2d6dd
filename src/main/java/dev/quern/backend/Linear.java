package dev.quern.backend;

/** A bound linear map: {@code y = x · weightᵀ + bias}; {@code bias} [1,N] may be null. */
public record Linear(Weight weight, Tensor bias) {}
