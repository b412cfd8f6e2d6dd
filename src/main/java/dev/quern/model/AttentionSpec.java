package dev.quern.model;

/**
 * One layer's attention. See {@link dev.quern.backend.Attention} for the meaning of the numbers.
 *
 * @param qkNorm norm of q and k heads, or null
 * @param ownNorms each head has its own part of the weights of these norms
 * @param rope null for a layer without rotary embedding
 * @param queryScale null for none
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
    boolean ownNorms,
    boolean normAfterRope,
    float clampQkv,
    RopeSpec rope,
    QueryScale queryScale,
    float alibi) {}
