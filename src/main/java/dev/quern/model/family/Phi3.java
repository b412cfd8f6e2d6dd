package dev.quern.model.family;

import dev.quern.model.family.Projection.Joined;
import java.util.List;

/** Phi 3, 3.5 and 4: Llama with merged matrices and longrope. */
final class Phi3 {
  static final Family FAMILY =
      new Family(
          List.of("Phi3ForCausalLM"),
          List.of("phi3"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false}\
          """,
          Phi3::describe);

  private Phi3() {}

  private static void describe(Blueprint b) {
    b.kinds.windowEverywhere();
    b.names.qkv = new Joined("self_attn.qkv_proj");
    b.names.up = new Joined("mlp.gate_up_proj");
  }
}
