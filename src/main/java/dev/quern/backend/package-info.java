/**
 * The seam between model code and devices.
 *
 * <p>Model code is written once against {@link dev.quern.backend.Ops}. An op returns void, writes
 * to out-parameters, never allocates device memory, synchronises or reads back. Everything that
 * changes from step to step lives in {@link dev.quern.backend.Batch}. Shapes: T tokens of a step, S
 * sequences, R logit rows, H query heads, Hk KV heads, D head dimension, E hidden size, F
 * feed-forward size, V vocabulary.
 */
package dev.quern.backend;
