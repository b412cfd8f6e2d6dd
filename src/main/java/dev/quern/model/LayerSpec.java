package dev.quern.model;

/** One decoder layer; null norms are absent. See {@link dev.quern.backend.Layer}. */
public record LayerSpec(
    AttentionSpec attention,
    MlpSpec mlp,
    NormSpec attentionNorm,
    NormSpec postAttentionNorm,
    NormSpec mlpNorm,
    NormSpec postMlpNorm,
    boolean parallel,
    float residualScale) {}
