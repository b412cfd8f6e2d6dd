package dev.quern.model.family;

import java.util.List;

/** ERNIE 4.5, dense: Llama whose neighbouring dimensions rotate together. */
final class Ernie45 {
  static final Family FAMILY =
      new Family(
          List.of("Ernie4_5ForCausalLM", "Ernie4_5_ForCausalLM"),
          List.of("ernie4_5"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": true,
           "num_key_value_heads": 2, "head_dim": 128}\
          """,
          Ernie45::describe);

  private Ernie45() {}

  private static void describe(Blueprint b) {
    b.qkvBias = b.config.flag(false, "use_bias");
    b.outBias = b.qkvBias;
    b.mlpBias = b.qkvBias;
    b.kinds.theta = 500_000;
    b.kinds.interleaved = true;
  }
}
