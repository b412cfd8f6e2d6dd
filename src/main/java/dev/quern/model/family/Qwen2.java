package dev.quern.model.family;

import java.util.List;

/** Qwen 1.5, 2 and 2.5: Llama with biases on q, k and v, and windows that are usually off. */
final class Qwen2 {
  static final Family FAMILY =
      new Family(
          List.of("Qwen2ForCausalLM"),
          List.of("qwen2"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 32, "use_sliding_window": false, "sliding_window": 4096,
           "max_window_layers": 28}\
          """,
          Qwen2::describe);

  private Qwen2() {}

  private static void describe(Blueprint b) {
    b.qkvBias = true;
    windows(b);
  }

  /** The layers from {@code max_window_layers} on, or those of {@code layer_types}. */
  static void windows(Blueprint b) {
    if (b.config.flag(false, "use_sliding_window")) {
      int first = b.config.integer(0, Integer.MAX_VALUE, "max_window_layers");
      b.kinds.windowByLayerTypes(layer -> layer >= first);
    }
  }
}
