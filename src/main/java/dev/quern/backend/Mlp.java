package dev.quern.backend;

/**
 * A bound feed-forward block: gated, {@code down(act(gate(x)) · up(x))} with gate and up merged
 * [gate: F | up: F], or plain, {@code down(act(up(x)))}.
 *
 * @param up [2F,E] when gated, else [F,E]
 * @param down [E,F]
 * @param parameters [1,4] αp, αn, β, ε of XIELU, fp32; null for every other activation
 */
public record Mlp(
    Linear up, Linear down, Activation activation, Tensor parameters, boolean gated, int ffnSize) {}
