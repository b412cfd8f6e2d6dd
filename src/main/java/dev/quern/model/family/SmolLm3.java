package dev.quern.model.family;

import java.util.List;

/** SmolLM3: Llama in which every fourth layer does not rotate. */
final class SmolLm3 {
  static final Family FAMILY =
      new Family(
          List.of("SmolLM3ForCausalLM"),
          List.of("smollm3"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": true,
           "num_key_value_heads": 4, "no_rope_layer_interval": 4}\
          """,
          SmolLm3::describe);

  private SmolLm3() {}

  private static void describe(Blueprint b) {
    Llama.describe(b);
    int interval = b.config.integer(1, Integer.MAX_VALUE, "no_rope_layer_interval");
    double[] rotates = b.config.numbers("no_rope_layers");
    if (rotates.length > 0 && rotates.length < b.layers) {
      throw b.config.invalid("no_rope_layers", "must have an entry for each layer");
    }
    b.kinds.theta = 2_000_000;
    b.kinds.rotates =
        layer -> rotates.length > 0 ? rotates[layer] != 0 : (layer + 1) % interval != 0;
    if (b.config.flag(false, "use_sliding_window")) {
      b.kinds.windowByLayerTypes(b.kinds.rotates.negate());
    }
  }
}
