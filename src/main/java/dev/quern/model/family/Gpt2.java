package dev.quern.model.family;

import dev.quern.model.ContextLength;
import dev.quern.model.family.Projection.Joined;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** GPT-2: learned positions, LayerNorm, matrices stored as their transpose. */
final class Gpt2 {
  static final Family FAMILY =
      new Family(
          List.of("GPT2LMHeadModel"),
          List.of("gpt2"),
          """
          {"layer_norm_epsilon": 1e-5, "activation_function": "gelu_new",
           "tie_word_embeddings": true, "n_positions": 1024}\
          """,
          Gpt2::describe);

  private Gpt2() {}

  private static void describe(Blueprint b) {
    common(b);
    b.only(false, "scale_attn_by_inverse_layer_idx");
    b.names.transposed = true;
  }

  /** What GPT-2 and GPTBigCode share. */
  static void common(Blueprint b) {
    b.only(false, "add_cross_attention");
    b.layerNorms(true);
    b.gated = false;
    b.qkvBias = true;
    b.outBias = true;
    b.mlpBias = true;
    b.kinds.rotary = false;
    b.learnedPositions = ContextLength.positions(b.config);
    b.attentionScale = b.config.flag(true, "scale_attn_weights") ? b.attentionScale : 1;
    TensorNames names = b.names;
    names.embed = "transformer.wte";
    names.positions = "transformer.wpe";
    names.layer = "transformer.h.{i}.";
    names.attentionNorm = "ln_1";
    names.mlpNorm = "ln_2";
    names.qkv = new Joined("attn.c_attn");
    names.out = "attn.c_proj";
    names.up = new Split("mlp.c_fc");
    names.down = "mlp.c_proj";
    names.finalNorm = "transformer.ln_f";
    names.prefixes = List.of("transformer.");
    names.ignored.add(".*\\.attn\\.(masked_)?bias");
  }
}
