package dev.quern.model.family;

import dev.quern.model.family.Projection.ByKvHead;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** Falcon 7B, 40B, 180B and RW: few key heads, side by side; RW with linear biases. */
final class Falcon {
  static final Family FAMILY =
      new Family(
          List.of("FalconForCausalLM", "RWForCausalLM"),
          List.of("falcon", "RefinedWeb", "RefinedWebModel"),
          """
          {"layer_norm_epsilon": 1e-5, "activation": "gelu", "tie_word_embeddings": true,
           "multi_query": true, "parallel_attn": true}\
          """,
          Falcon::describe);

  private Falcon() {}

  private static void describe(Blueprint b) {
    b.layerNorms(true);
    boolean first40B = b.config.stringOr("", "model_type").equals("RefinedWeb");
    boolean newer = b.config.flag(first40B, "new_decoder_architecture");
    b.kvHeads = newer ? b.kvHeads : b.config.flag(true, "multi_query") ? 1 : b.heads;
    b.parallel = b.config.flag(true, "parallel_attn");
    if (newer) {
      b.only(true, "parallel_attn");
    }
    boolean twoNorms = newer && b.config.integerOr(2, 1, 2, "num_ln_in_parallel_attn") == 2;
    b.mlpNorm = !b.parallel || twoNorms;
    b.gated = false;
    b.qkvBias = b.config.flag(false, "bias");
    b.outBias = b.qkvBias;
    b.mlpBias = b.qkvBias;
    b.kinds.rotary = !b.config.flag(false, "alibi");
    b.alibi = b.kinds.rotary ? 0 : b.attentionScale;
    names(b.names, twoNorms);
  }

  private static void names(TensorNames names, boolean twoNorms) {
    names.embed = "transformer.word_embeddings";
    names.layer = "transformer.h.{i}.";
    names.attentionNorm = twoNorms ? "ln_attn" : "input_layernorm";
    names.mlpNorm = twoNorms ? "ln_mlp" : "post_attention_layernorm";
    names.qkv = new ByKvHead("self_attention.query_key_value");
    names.out = "self_attention.dense";
    names.up = new Split("mlp.dense_h_to_4h");
    names.down = "mlp.dense_4h_to_h";
    names.finalNorm = "transformer.ln_f";
    names.prefixes = List.of("transformer.");
  }
}
