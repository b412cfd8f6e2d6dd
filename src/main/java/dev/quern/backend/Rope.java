package dev.quern.backend;

/**
 * Bound rotary embedding: cos and sin of every position, computed once on the host.
 *
 * @param cosSin [positions, rotaryDim]: cos of the rotaryDim/2 angles, then their sin, both already
 *     times the attention factor
 * @param rotaryDim the first dimensions of each head that rotate; the rest pass through
 * @param interleaved pairs are (0,1), (2,3)… (GPT-J, Cohere, GLM); otherwise (i, i + rotaryDim/2)
 */
public record Rope(Tensor cosSin, int rotaryDim, boolean interleaved) {}
