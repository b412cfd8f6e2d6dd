package dev.quern.model.family;

import java.util.List;

/** Mistral 7B, Nemo, Small: Llama with a window on every layer, where the config has one. */
final class Mistral {
  static final Family FAMILY =
      new Family(
          List.of("MistralForCausalLM"),
          List.of("mistral"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 8, "sliding_window": 4096}\
          """,
          Mistral::describe);

  private Mistral() {}

  private static void describe(Blueprint b) {
    b.kinds.windowEverywhere();
  }
}
