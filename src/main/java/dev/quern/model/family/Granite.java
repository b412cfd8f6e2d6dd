package dev.quern.model.family;

import java.util.List;

/** Granite 3: Llama with multipliers on embeddings, residuals, attention and logits. */
final class Granite {
  static final Family FAMILY =
      new Family(
          List.of("GraniteForCausalLM"),
          List.of("granite"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false,
           "embedding_multiplier": 1.0, "residual_multiplier": 1.0, "attention_multiplier": 1.0,
           "logits_scaling": 1.0}\
          """,
          Granite::describe);

  private Granite() {}

  private static void describe(Blueprint b) {
    Llama.describe(b);
    b.embedScale = b.config.number("embedding_multiplier");
    b.residualScale = b.config.number("residual_multiplier");
    b.attentionScale = b.config.number("attention_multiplier");
    b.logitScale = 1 / b.config.positive("logits_scaling");
  }
}
