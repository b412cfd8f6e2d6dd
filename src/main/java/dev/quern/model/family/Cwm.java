package dev.quern.model.family;

import java.util.List;

/** Code World Model: Llama 3 with a window on three layers of four. */
final class Cwm {
  static final Family FAMILY =
      new Family(
          List.of("CwmForCausalLM"),
          List.of("cwm"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 8, "head_dim": 128, "sliding_window": 8192}\
          """,
          Cwm::describe);

  private Cwm() {}

  private static void describe(Blueprint b) {
    b.kinds.theta = 1_000_000;
    b.kinds.windowByLayerTypes(layer -> layer % 4 != 0);
  }
}
