package dev.quern.backend;

/**
 * The activations of a step, allocated once at the largest T; {@link #rows} gives the views for a
 * smaller one.
 *
 * @param x [T,E] the residual stream
 * @param normed [T,E] a norm's output
 * @param qkv [T,(H+2Hk)·D] of the widest layer
 * @param attended [T,H·D] of the widest layer
 * @param delta [T,E] what is to be added to x
 * @param wide [T,2F] the MLP's first product (F columns where it is not gated)
 * @param activated [T,F]
 */
public record Workspace(
    Tensor x,
    Tensor normed,
    Tensor qkv,
    Tensor attended,
    Tensor delta,
    Tensor wide,
    Tensor activated) {
  /** Views of the first {@code count} rows of every tensor. */
  public Workspace rows(int count) {
    return new Workspace(
        x.rows(0, count),
        normed.rows(0, count),
        qkv.rows(0, count),
        attended.rows(0, count),
        delta.rows(0, count),
        wide.rows(0, count),
        activated.rows(0, count));
  }
}
