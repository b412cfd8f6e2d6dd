package dev.quern.backend;

/**
 * A bound decoder layer, all that {@link Ops#decoderLayer} needs besides the batch.
 *
 * @param index the layer's place in the KV cache
 * @param attentionNorm before attention; null for none
 * @param postAttentionNorm on attention's output before it is added; null for none
 * @param mlpNorm before the MLP; null with {@code parallel} where both share {@code attentionNorm},
 *     or for none
 * @param postMlpNorm on the MLP's output before it is added; null for none
 * @param parallel attention and MLP both read the layer's input, and both outputs are added to it
 * @param residualScale multiplies both outputs as they are added
 */
public record Layer(
    int index,
    Norm attentionNorm,
    Attention attention,
    Norm postAttentionNorm,
    Norm mlpNorm,
    Mlp mlp,
    Norm postMlpNorm,
    boolean parallel,
    float residualScale) {}
