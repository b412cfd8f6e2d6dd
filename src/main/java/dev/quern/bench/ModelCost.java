package dev.quern.bench;

import dev.quern.backend.DType;
import dev.quern.model.AttentionSpec;
import dev.quern.model.LayerSpec;
import dev.quern.model.MlpSpec;
import dev.quern.model.ModelSpec;

/**
 * The arithmetic of a model's steps. Matrices count, vectors (norms, biases) are too small to. The
 * embedding table is not read but for a row per token; the head is read whole, tied or not.
 *
 * <ul>
 *   <li>parameters of a layer: E·(H+2·Hk)·D + H·D·E + 3·E·F (2·E·F without a gate)
 *   <li>a token's operations: 2 per parameter, and 4·H·D for each position it attends to
 *   <li>a sampled row's operations: 2·E·V
 *   <li>a step's bytes: all parameters of layers and head once, the keys and values that are
 *       attended to once per sequence, and those that are new
 * </ul>
 */
final class ModelCost {
  private final ModelSpec spec;
  private final DType kvDtype;
  private final long layerParameters;

  ModelCost(ModelSpec spec, DType kvDtype) {
    this.spec = spec;
    this.kvDtype = kvDtype;
    long sum = 0;
    for (LayerSpec layer : spec.layers()) sum += parameters(layer);
    layerParameters = sum;
  }

  private long parameters(LayerSpec layer) {
    AttentionSpec a = layer.attention();
    MlpSpec mlp = layer.mlp();
    long hidden = spec.hiddenSize();
    long heads = (long) a.heads() * a.headDim();
    long kvHeads = (long) a.kvHeads() * a.headDim();
    return hidden * (heads + 2 * kvHeads)
        + heads * hidden
        + (mlp.gated() ? 3 : 2) * hidden * mlp.ffnSize();
  }

  /** Of all layers together. */
  long layerParameters() {
    return layerParameters;
  }

  long headParameters() {
    return (long) spec.hiddenSize() * spec.vocabularySize();
  }

  /** Read by every step. */
  long weightBytes() {
    return (layerParameters + headParameters()) * spec.dtype().bytes();
  }

  /** Of one token in all layers. */
  long kvBytesPerToken() {
    long sum = 0;
    for (LayerSpec layer : spec.layers())
      sum += 2L * layer.attention().kvHeads() * layer.attention().headDim() * kvDtype.bytes();
    return sum;
  }

  /** One sequence's part of a decode step: one token at {@code position}; no weights. */
  Work decodeToken(int position) {
    double flops = 2.0 * (layerParameters + headParameters());
    double bytes = kvBytesPerToken();
    for (LayerSpec layer : spec.layers()) {
      AttentionSpec a = layer.attention();
      double attended = attended(a, position);
      flops += 4.0 * a.heads() * a.headDim() * attended;
      bytes += 2.0 * a.kvHeads() * a.headDim() * kvDtype.bytes() * attended;
    }
    return new Work(bytes, flops);
  }

  /** A prompt's {@code tokens} and the one row that is sampled from; no weights. */
  Work prompt(int tokens) {
    double flops = 2.0 * layerParameters * tokens + 2.0 * headParameters();
    for (LayerSpec layer : spec.layers()) {
      AttentionSpec a = layer.attention();
      double attended = 0;
      for (int position = 0; position < tokens; position++) attended += attended(a, position);
      flops += 4.0 * a.heads() * a.headDim() * attended;
    }
    return new Work(2.0 * kvBytesPerToken() * tokens, flops);
  }

  /** The weights, read once by each of {@code steps} steps. */
  Work weights(int steps) {
    return new Work((double) weightBytes() * steps, 0);
  }

  /**
   * The least seconds for a batch: the prompts by arithmetic, then each decode step by the bytes of
   * the weights, once, and of every sequence's keys and values.
   *
   * @param atOnce sequences that run together
   */
  double least(int prompts, int inputLen, int outputLen, int atOnce, Limits limits) {
    double seconds = prompts * prompt(inputLen).flops() / limits.flopsPerSecond();
    int rounds = Math.ceilDiv(prompts, atOnce);
    double bytes = (double) weightBytes() * rounds * (outputLen - 1);
    for (int k = 0; k < outputLen - 1; k++) bytes += prompts * decodeToken(inputLen + k).bytes();
    return seconds + bytes / limits.bytesPerSecond();
  }

  private static double attended(AttentionSpec attention, int position) {
    int all = position + 1;
    return attention.window() > 0 ? Math.min(all, attention.window()) : all;
  }
}
