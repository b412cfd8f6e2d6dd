package dev.quern.model.family;

import java.util.List;

/** OLMo 2: norms only after the blocks, and over all of q and all of k. */
final class Olmo2 {
  static final Family FAMILY =
      new Family(
          List.of("Olmo2ForCausalLM"),
          List.of("olmo2"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false}\
          """,
          Olmo2::describe);

  private Olmo2() {}

  private static void describe(Blueprint b) {
    postNorms(b);
  }

  static void postNorms(Blueprint b) {
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.qkNorm = b.norm;
    b.wholeNorm = true;
    b.postNormsOnly();
  }
}
