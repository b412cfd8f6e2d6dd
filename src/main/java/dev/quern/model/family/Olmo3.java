package dev.quern.model.family;

import dev.quern.model.RopeSettings;
import java.util.List;

/** OLMo 3: OLMo 2 with a window on three layers of four, which are not stretched. */
final class Olmo3 {
  static final Family FAMILY =
      new Family(
          List.of("Olmo3ForCausalLM"),
          List.of("olmo3"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false,
           "sliding_window": 4096}\
          """,
          Olmo3::describe);

  private Olmo3() {}

  private static void describe(Blueprint b) {
    Olmo2.postNorms(b);
    b.kinds.windowByLayerTypes(layer -> (layer + 1) % 4 != 0);
    b.kinds.theta = 500_000;
    b.kinds.slidingUnscaled(RopeSettings.theta(b.config, 500_000));
  }
}
