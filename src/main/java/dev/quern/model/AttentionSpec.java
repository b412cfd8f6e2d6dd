package dev.quern.model;

/**
 * One layer's attention. See {@link dev.quern.backend.Attention} for the meaning of the numbers.
 *
 * @param qkNorm norm of q and k heads, or null
 * @param rope null for a layer without rotary embedding
 * @param alibi multiplies the linear biases by head; 0 = none (Bloom and MPT 1, Falcon-RW 1/√D)
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
    float alibi) {}
