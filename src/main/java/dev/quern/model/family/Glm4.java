package dev.quern.model.family;

import java.util.List;

/** GLM 4 0414: GLM with norms after the blocks too. */
final class Glm4 {
  static final Family FAMILY =
      new Family(
          List.of("Glm4ForCausalLM"),
          List.of("glm4"),
          """
          {"rms_norm_eps": 1.5625e-7, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 2, "head_dim": 128, "attention_bias": true}\
          """,
          Glm4::describe);

  private Glm4() {}

  private static void describe(Blueprint b) {
    Glm.common(b);
    b.postAttentionNorm = true;
    b.postMlpNorm = true;
    b.names.postAttentionNorm = "post_self_attn_layernorm";
    b.names.postMlpNorm = "post_mlp_layernorm";
  }
}
