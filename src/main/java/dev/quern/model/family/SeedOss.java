package dev.quern.model.family;

import java.util.List;

/** Seed-OSS: Llama with biases of its own choice. */
final class SeedOss {
  static final Family FAMILY =
      new Family(
          List.of("SeedOssForCausalLM"),
          List.of("seed_oss"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 8, "head_dim": 128}\
          """,
          SeedOss::describe);

  private SeedOss() {}

  private static void describe(Blueprint b) {
    b.qkvBias = b.config.flag(true, "attention_bias");
    b.outBias = b.config.flag(false, "attention_out_bias");
    b.mlpBias = b.config.flag(false, "mlp_bias");
  }
}
