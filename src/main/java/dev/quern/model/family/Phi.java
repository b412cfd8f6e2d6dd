package dev.quern.model.family;

import dev.quern.model.family.Projection.Split;
import java.util.List;

/** Phi 1, 1.5 and 2: LayerNorm, biases everywhere, attention and MLP side by side. */
final class Phi {
  static final Family FAMILY =
      new Family(
          List.of("PhiForCausalLM"),
          List.of("phi"),
          """
          {"layer_norm_eps": 1e-5, "hidden_act": "gelu_new", "tie_word_embeddings": false}\
          """,
          Phi::describe);

  private Phi() {}

  private static void describe(Blueprint b) {
    b.layerNorms(true);
    b.parallel = true;
    b.mlpNorm = false;
    b.gated = false;
    b.qkvBias = true;
    b.outBias = true;
    b.mlpBias = true;
    b.headBias = true;
    b.kinds.share = 0.5;
    if (b.config.flag(false, "qk_layernorm")) {
      b.qkNorm = b.norm;
    }
    b.names.qNorm = "self_attn.q_layernorm";
    b.names.kNorm = "self_attn.k_layernorm";
    b.names.out = "self_attn.dense";
    b.names.up = new Split("mlp.fc1");
    b.names.down = "mlp.fc2";
    b.names.finalNorm = "model.final_layernorm";
  }
}
