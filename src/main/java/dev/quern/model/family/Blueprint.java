package dev.quern.model.family;

import dev.quern.backend.Activation;
import dev.quern.model.AttentionSpec;
import dev.quern.model.ContextLength;
import dev.quern.model.DTypes;
import dev.quern.model.LayerSpec;
import dev.quern.model.Limits;
import dev.quern.model.MlpSpec;
import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import dev.quern.model.ModelSpec;
import dev.quern.model.NormSpec;
import dev.quern.model.QueryScale;
import dev.quern.model.RopeSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * A spec in the making. It starts as Llama with the numbers of the config, whatever the config
 * calls them; a family's description sets the fields that differ, and {@link #build} checks the
 * whole.
 */
final class Blueprint {
  final ModelConfig config;
  final TensorNames names = new TensorNames();

  int hidden;
  int vocabulary;
  int layers;
  int heads;
  int kvHeads;
  int headDim;
  int ffn;

  Activation activation;
  boolean gated = true;
  boolean qkvBias;
  boolean outBias;
  boolean mlpBias;
  boolean headBias;
  boolean tiedHead;

  /** All norms but those of q and k: a family sets it, or single ones below. */
  NormSpec norm;

  boolean attentionNorm = true;
  boolean postAttentionNorm;
  boolean mlpNorm = true;
  boolean postMlpNorm;
  boolean finalNorm = true;
  boolean embedNorm;
  NormSpec qkNorm;
  boolean wholeNorm;
  boolean ownNorms;
  boolean normAfterRope;
  boolean parallel;

  double attentionScale;
  double attentionSoftcap;
  double clampQkv;
  double alibi;
  QueryScale queryScale;
  double embedScale = 1;
  double residualScale = 1;
  double logitScale = 1;
  double logitSoftcap;
  int learnedPositions;
  int positionOffset;

  /** Which layers look back how far, and how they rotate. */
  final LayerKinds kinds;

  Blueprint(ModelConfig config) {
    this.config = config;
    hidden = config.integer(1, Limits.HIDDEN, "hidden_size", "n_embd", "d_model", "n_embed");
    vocabulary = config.integer(1, Limits.VOCABULARY, "vocab_size");
    layers = config.integer(1, Limits.LAYERS, "num_hidden_layers", "n_layer", "n_layers");
    heads = config.integer(1, Limits.HEADS, "num_attention_heads", "n_head", "n_heads");
    kvHeads =
        config.integerOr(
            heads,
            1,
            Limits.HEADS,
            "n_head_kv",
            "num_kv_heads",
            "num_key_value_heads",
            "multi_query_group_num",
            "num_attention_groups");
    headDim = headDim();
    ffn =
        config.integerOr(
            4 * hidden,
            1,
            Limits.FFN,
            "intermediate_size",
            "n_inner",
            "ffn_dim",
            "ffn_hidden_size");
    activation =
        Activations.named(
            config, "hidden_act", "activation_function", "hidden_activation", "activation");
    tiedHead = config.flag(false, "tie_word_embeddings");
    norm =
        NormSpec.rms(
            config.positiveOr(
                1e-6, "rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon", "norm_eps"));
    attentionScale = 1 / Math.sqrt(headDim);
    kinds = new LayerKinds(this);
  }

  /** Refuses a config in which {@code key} is not {@code wanted}. */
  void only(boolean wanted, String key) {
    if (config.flag(wanted, key) != wanted) {
      throw config.invalid(key, "only " + wanted + " is supported");
    }
  }

  private int headDim() {
    String key = config.find("head_dim", "hidden_size_per_head");
    if (key != null && config.number(key) != 0) {
      return config.integer(1, Limits.HEAD_DIM, key);
    }
    if (hidden % heads != 0) {
      throw new ModelConfigException(
          config.source()
              + ": hidden size "
              + hidden
              + " is not divisible by "
              + heads
              + " attention heads, and there is no head_dim");
    }
    int size = hidden / heads;
    if (size > Limits.HEAD_DIM) {
      throw new ModelConfigException(
          config.source() + ": a head dimension of " + size + " is above " + Limits.HEAD_DIM);
    }
    return size;
  }

  /** LayerNorm with a bias, at the config's epsilon. */
  void layerNorms(boolean bias) {
    norm =
        NormSpec.layer(
            config.positiveOr(
                1e-5, "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon", "norm_eps"),
            bias);
  }

  /** Norms stand only behind attention and MLP, under the names they have in OLMo 2. */
  void postNormsOnly() {
    attentionNorm = false;
    mlpNorm = false;
    postAttentionNorm = true;
    postMlpNorm = true;
    names.postAttentionNorm = "post_attention_layernorm";
    names.postMlpNorm = "post_feedforward_layernorm";
  }

  /** The same norm with {@code offset} added to its weights. */
  NormSpec offset(NormSpec spec, float offset) {
    return new NormSpec(spec.kind(), spec.eps(), offset, spec.weighted(), spec.bias());
  }

  ModelSpec build(ModelConfig root, SpecOptions options) {
    if (heads % kvHeads != 0) {
      throw new ModelConfigException(
          config.source() + ": " + heads + " heads are not divisible by " + kvHeads + " KV heads");
    }
    if (gated && activation == Activation.XIELU) {
      throw new ModelConfigException(config.source() + ": a gated MLP with xielu is not supported");
    }
    List<RopeSettings> ropes = kinds.settings();
    int contextTokens = ContextLength.resolve(config, ropes, kinds.stretch, options.maxModelLen());
    if (learnedPositions > 0) {
      contextTokens = Math.min(contextTokens, learnedPositions - positionOffset);
    }
    kinds.resolve(contextTokens);
    List<LayerSpec> specs = new ArrayList<>(layers);
    for (int i = 0; i < layers; i++) {
      specs.add(layer(i));
    }
    return new ModelSpec(
        Families.architecture(root),
        root.stringOr("", "model_type"),
        DTypes.resolve(config, options.dtype(), options.storedDtype()),
        hidden,
        vocabulary,
        contextTokens,
        (float) embedScale,
        embedNorm ? norm : null,
        learnedPositions,
        positionOffset,
        List.copyOf(specs),
        finalNorm ? norm : null,
        tiedHead,
        headBias,
        (float) logitScale,
        (float) logitSoftcap);
  }

  private LayerSpec layer(int i) {
    AttentionSpec attention =
        new AttentionSpec(
            heads,
            kvHeads,
            headDim,
            (float) attentionScale,
            kinds.window(i),
            (float) attentionSoftcap,
            qkvBias,
            outBias,
            qkNorm,
            wholeNorm,
            ownNorms,
            normAfterRope,
            (float) clampQkv,
            kinds.rope(i),
            queryScale,
            (float) alibi);
    return new LayerSpec(
        attention,
        new MlpSpec(ffn, activation, gated, mlpBias),
        attentionNorm ? norm : null,
        postAttentionNorm ? norm : null,
        mlpNorm ? norm : null,
        postMlpNorm ? norm : null,
        parallel,
        (float) residualScale);
  }
}
