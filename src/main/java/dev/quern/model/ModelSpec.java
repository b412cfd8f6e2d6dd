package dev.quern.model;

import dev.quern.backend.DType;
import java.util.List;

/**
 * A model as plain data: everything the forward pass, the memory plan and the weight plan need, and
 * no name of a family in it.
 *
 * @param architecture the class name in {@code config.json}, such as {@code Qwen2ForCausalLM}
 * @param modelType {@code model_type}
 * @param dtype type of the weights in memory
 * @param contextTokens the longest sequence the config allows (vllm's derived max_model_len)
 * @param embedScale multiplies the embedding (Gemma √E, Granite, MiniCPM)
 * @param embedNorm norm right after the embedding (Bloom), or null
 * @param learnedPositions rows of the learned position table, 0 for none
 * @param positionOffset added to a position before it is looked up (OPT: 2)
 * @param finalNorm norm before the head, or null
 * @param tiedHead the head is the embedding table
 * @param logitScale multiplies the logits (Cohere, Granite)
 * @param logitSoftcap 0 = off
 */
public record ModelSpec(
    String architecture,
    String modelType,
    DType dtype,
    int hiddenSize,
    int vocabularySize,
    int contextTokens,
    float embedScale,
    NormSpec embedNorm,
    int learnedPositions,
    int positionOffset,
    List<LayerSpec> layers,
    NormSpec finalNorm,
    boolean tiedHead,
    boolean headBias,
    float logitScale,
    float logitSoftcap) {
  /** This with a shorter context, so that its tables are no longer than what will be run. */
  public ModelSpec withContextTokens(int tokens) {
    if (tokens < 1 || tokens > contextTokens) {
      throw new IllegalArgumentException(tokens + " of " + contextTokens + " tokens");
    }
    return new ModelSpec(
        architecture,
        modelType,
        dtype,
        hiddenSize,
        vocabularySize,
        tokens,
        embedScale,
        embedNorm,
        learnedPositions,
        positionOffset,
        layers,
        finalNorm,
        tiedHead,
        headBias,
        logitScale,
        logitSoftcap);
  }
}
