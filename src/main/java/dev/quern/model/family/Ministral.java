package dev.quern.model.family;

import java.util.List;

/** Ministral: Mistral whose layers' types say which of them have the window. */
final class Ministral {
  static final Family FAMILY =
      new Family(
          List.of("MinistralForCausalLM"),
          List.of("ministral"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 8, "sliding_window": 4096}\
          """,
          Ministral::describe);

  private Ministral() {}

  private static void describe(Blueprint b) {
    b.kinds.windowByLayerTypes(layer -> true);
  }
}
