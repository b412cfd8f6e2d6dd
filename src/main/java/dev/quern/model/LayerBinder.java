package dev.quern.model;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Backend;
import dev.quern.backend.Layer;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Norm;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import java.util.HashMap;
import java.util.Map;

/** Puts loaded weights into the places that the ops read them from. */
final class LayerBinder {
  private final Backend backend;
  private final BoundWeights weights;
  private final RopeTable ropes;
  private final int positions;
  private final Map<String, Tensor> slopes = new HashMap<>();
  private final Map<QueryScale, Tensor> queryScales = new HashMap<>();

  LayerBinder(Backend backend, BoundWeights weights, int positions) {
    this.backend = backend;
    this.weights = weights;
    this.positions = positions;
    this.ropes = new RopeTable(backend, positions);
  }

  Layer layer(int i, LayerSpec spec) {
    return new Layer(
        i,
        norm(Slots.layer(i, Slots.ATTENTION_NORM), spec.attentionNorm()),
        attention(i, spec.attention()),
        norm(Slots.layer(i, Slots.POST_ATTENTION_NORM), spec.postAttentionNorm()),
        norm(Slots.layer(i, Slots.MLP_NORM), spec.mlpNorm()),
        mlp(i, spec.mlp()),
        norm(Slots.layer(i, Slots.POST_MLP_NORM), spec.postMlpNorm()),
        spec.parallel(),
        spec.residualScale());
  }

  private Attention attention(int i, AttentionSpec spec) {
    return new Attention(
        linear(Slots.layer(i, Slots.QKV), spec.qkvBias() ? Slots.layer(i, Slots.QKV_BIAS) : null),
        linear(Slots.layer(i, Slots.OUT), spec.outBias() ? Slots.layer(i, Slots.OUT_BIAS) : null),
        spec.heads(),
        spec.kvHeads(),
        spec.headDim(),
        spec.scale(),
        spec.window(),
        spec.softcap(),
        alibi(spec),
        norm(Slots.layer(i, Slots.Q_NORM), spec.qkNorm()),
        norm(Slots.layer(i, Slots.K_NORM), spec.qkNorm()),
        spec.wholeNorm(),
        spec.normAfterRope(),
        spec.clampQkv(),
        ropes.bind(spec.rope()),
        queryScale(spec.queryScale()));
  }

  private Mlp mlp(int i, MlpSpec spec) {
    return new Mlp(
        linear(Slots.layer(i, Slots.UP), spec.bias() ? Slots.layer(i, Slots.UP_BIAS) : null),
        linear(Slots.layer(i, Slots.DOWN), spec.bias() ? Slots.layer(i, Slots.DOWN_BIAS) : null),
        spec.activation(),
        spec.activation() == Activation.XIELU ? xielu(Slots.layer(i, Slots.ACTIVATION)) : null,
        spec.gated(),
        spec.ffnSize());
  }

  /** From what is stored: softplus gives αp, and αn on top of β. */
  private Tensor xielu(String name) {
    float[] stored = backend.download(vector(name));
    float beta = stored[2];
    float above = (float) Math.log1p(Math.exp(stored[0]));
    float below = (float) (beta + Math.log1p(Math.exp(stored[1])));
    return backend.constant(name, 1, 4, new float[] {above, below, beta, stored[3]});
  }

  Norm norm(String name, NormSpec spec) {
    if (spec == null) {
      return null;
    }
    return new Norm(
        spec.kind(),
        spec.weighted() ? vector(Slots.weight(name)) : null,
        spec.bias() ? vector(Slots.bias(name)) : null,
        spec.eps(),
        spec.weightOffset());
  }

  Linear linear(String name, String biasName) {
    return new Linear(matrix(name), biasName == null ? null : vector(biasName));
  }

  Weight matrix(String name) {
    return bound(weights.matrices(), name);
  }

  private Tensor vector(String name) {
    return bound(weights.vectors(), name);
  }

  private Tensor alibi(AttentionSpec spec) {
    if (spec.alibi() == 0) {
      return null;
    }
    String name = "alibi." + spec.heads() + "." + spec.alibi();
    return slopes.computeIfAbsent(
        name,
        key -> backend.constant(key, 1, spec.heads(), AlibiSlopes.of(spec.heads(), spec.alibi())));
  }

  private Tensor queryScale(QueryScale spec) {
    return spec == null
        ? null
        : queryScales.computeIfAbsent(
            spec,
            key ->
                backend.constant(
                    "queryScale." + queryScales.size(), positions, 1, key.table(positions)));
  }

  private static <T> T bound(Map<String, T> weights, String name) {
    T value = weights.get(name);
    if (value == null) {
      throw new IllegalStateException("the weight " + name + " was not loaded");
    }
    return value;
  }
}
