package dev.quern.backend;

/**
 * A bound feed-forward block: gated, {@code down(act(gate(x)) · up(x))} with gate and up merged
 * [gate: F | up: F], or plain, {@code down(act(up(x)))}.
 *
 * @param up [2F,E] when gated, else [F,E]
 * @param down [E,F]
 */
public record Mlp(Linear up, Linear down, Activation activation, boolean gated, int ffnSize) {}
