package dev.quern.model.family;

import java.util.List;

/** Command R7B and A: windows on three layers of four, and only these rotate. */
final class Cohere2 {
  static final Family FAMILY =
      new Family(
          List.of("Cohere2ForCausalLM"),
          List.of("cohere2"),
          """
          {"layer_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": true,
           "logit_scale": 0.0625, "sliding_window": 4096, "sliding_window_pattern": 4}\
          """,
          Cohere2::describe);

  private Cohere2() {}

  private static void describe(Blueprint b) {
    Cohere.common(b);
    int pattern = b.config.integer(1, Integer.MAX_VALUE, "sliding_window_pattern");
    b.kinds.windowByLayerTypes(layer -> (layer + 1) % pattern != 0);
    b.kinds.rotates = b.kinds::isSliding;
  }
}
