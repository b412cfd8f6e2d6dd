/**
 * Weights on disk: formats, strict matching of a checkpoint's tensors to what a model's plan wants,
 * dummy weights.
 */
package dev.quern.checkpoint;
