package dev.quern.model.family;

import java.util.List;

/** Helium 1: Llama whose neighbouring dimensions rotate together. */
final class Helium {
  static final Family FAMILY =
      new Family(
          List.of("HeliumForCausalLM"),
          List.of("helium"),
          """
          {"rms_norm_eps": 1e-8, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 20, "head_dim": 128}\
          """,
          Helium::describe);

  private Helium() {}

  private static void describe(Blueprint b) {
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.mlpBias = b.config.flag(false, "mlp_bias");
    b.kinds.theta = 100_000;
    b.kinds.interleaved = true;
  }
}
