package dev.quern.model;

/**
 * One layer's attention. See {@link dev.quern.backend.Attention} for the meaning of the numbers.
 *
 * @param qkNorm norm of q and k heads, or null
 * @param rope null for a layer without rotary embedding
 * @param alibi adds linear biases by head (Bloom, MPT, Falcon-RW)
 */
public record AttentionSpec(
    int heads,
    int kvHeads,
    int headDim,
    float scale,
    int window,
    float softcap,
    boolean qkvBias,
    boolean outBias,
    NormSpec qkNorm,
    boolean wholeNorm,
    float clampQkv,
    RopeSpec rope,
    boolean alibi) {}
