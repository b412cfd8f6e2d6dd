package dev.quern.model.family;

import java.util.List;

/** Llama 1 to 3.3, SmolLM2, and the many that took over its layout. */
final class Llama {
  static final Family FAMILY =
      new Family(
          List.of("LlamaForCausalLM", "LLaMAForCausalLM"),
          List.of("llama"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false}\
          """,
          Llama::describe);

  private Llama() {}

  static void describe(Blueprint b) {
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.mlpBias = b.config.flag(false, "mlp_bias");
  }
}
