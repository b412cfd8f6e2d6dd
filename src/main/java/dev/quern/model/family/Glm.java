package dev.quern.model.family;

import dev.quern.model.family.Projection.Joined;
import java.util.List;

/** GLM 4 9B: half a head rotates, in neighbouring pairs; gate and up are merged. */
final class Glm {
  static final Family FAMILY =
      new Family(
          List.of("GlmForCausalLM"),
          List.of("glm"),
          """
          {"rms_norm_eps": 1.5625e-7, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 2, "head_dim": 128, "attention_bias": true}\
          """,
          Glm::describe);

  private Glm() {}

  private static void describe(Blueprint b) {
    common(b);
  }

  static void common(Blueprint b) {
    b.qkvBias = b.config.flag(true, "attention_bias");
    b.kinds.interleaved = true;
    b.kinds.share = 0.5;
    b.names.up = new Joined("mlp.gate_up_proj");
  }
}
