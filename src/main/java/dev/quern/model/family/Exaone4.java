package dev.quern.model.family;

import java.util.List;
import java.util.function.IntPredicate;

/** EXAONE 4: norms after the blocks, q and k norms; only windowed layers rotate. */
final class Exaone4 {
  static final Family FAMILY =
      new Family(
          List.of("Exaone4ForCausalLM"),
          List.of("exaone4"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 32, "sliding_window": 4096, "sliding_window_pattern": 4}\
          """,
          Exaone4::describe);

  private Exaone4() {}

  private static void describe(Blueprint b) {
    b.qkNorm = b.norm;
    b.postNormsOnly();
    if (b.config.present("sliding_window")) {
      b.kinds.windowByLayerTypes(everyBut(b));
      b.kinds.rotates = b.kinds::isSliding;
    }
  }

  private static IntPredicate everyBut(Blueprint b) {
    if (b.config.present("layer_types")) {
      return layer -> false;
    }
    int pattern = b.config.integer(1, Integer.MAX_VALUE, "sliding_window_pattern");
    return layer -> (layer + 1) % pattern != 0;
  }
}
