package dev.quern.model.family;

import dev.quern.backend.Activation;
import dev.quern.model.ModelConfig;
import dev.quern.model.family.Projection.Joined;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** MPT: linear biases, LayerNorm without a bias, clipped q, k and v. */
final class Mpt {
  static final Family FAMILY =
      new Family(
          List.of("MPTForCausalLM", "MptForCausalLM"),
          List.of("mpt"),
          """
          {"layer_norm_epsilon": 1e-5, "tie_word_embeddings": true, "no_bias": true,
           "max_seq_len": 2048, "attn_config": {}}\
          """,
          Mpt::describe);

  private Mpt() {}

  private static void describe(Blueprint b) {
    b.only(true, "no_bias");
    if (b.config.present("logit_scale")) {
      throw b.config.invalid("logit_scale", "transformers' MPT has none, so neither is one here");
    }
    b.layerNorms(false);
    b.gated = false;
    b.activation = Activation.GELU;
    b.ffn = 4 * b.hidden;
    b.kinds.rotary = false;
    attention(b, b.config.child("attn_config"));
    TensorNames names = b.names;
    names.embed = "transformer.wte";
    names.layer = "transformer.blocks.{i}.";
    names.attentionNorm = "norm_1";
    names.mlpNorm = "norm_2";
    names.qkv = new Joined("attn.Wqkv");
    names.out = "attn.out_proj";
    names.up = new Split("ffn.up_proj");
    names.down = "ffn.down_proj";
    names.finalNorm = "transformer.norm_f";
    names.prefixes = List.of("transformer.");
  }

  private static void attention(Blueprint b, ModelConfig config) {
    if (!config.flag(true, "alibi") || config.integerOr(8, 1, 1 << 20, "alibi_bias_max") != 8) {
      throw config.invalid("alibi", "only linear biases with alibi_bias_max 8 are supported");
    }
    if (config.flag(false, "qk_ln") || config.flag(false, "prefix_lm")) {
      throw b.config.invalid("attn_config", "qk_ln and prefix_lm are not supported");
    }
    if (!config.stringOr("multihead_attention", "attn_type").equals("multihead_attention")) {
      throw config.invalid("attn_type", "only multihead_attention is supported");
    }
    b.alibi = 1;
    b.clampQkv = config.positiveOr(0, "clip_qkv");
    b.attentionScale = config.positiveOr(b.attentionScale, "softmax_scale");
  }
}
