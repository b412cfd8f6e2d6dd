package dev.quern.model.family;

import dev.quern.backend.Activation;
import java.util.List;

/** Gemma 1: norms that store w - 1, embeddings scaled by √E, GELU in the gate. */
final class Gemma {
  static final Family FAMILY =
      new Family(
          List.of("GemmaForCausalLM"),
          List.of("gemma"),
          """
          {"rms_norm_eps": 1e-6, "tie_word_embeddings": true, "head_dim": 256}\
          """,
          Gemma::describe);

  private Gemma() {}

  private static void describe(Blueprint b) {
    common(b);
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
  }

  /** What all Gemmas have; early configs say gelu and mean its tanh approximation. */
  static void common(Blueprint b) {
    b.norm = b.offset(b.norm, 1);
    b.embedScale = Math.sqrt(b.hidden);
    if (b.activation == Activation.GELU
        || b.config.find("hidden_act", "hidden_activation") == null) {
      b.activation = Activation.GELU_TANH;
    }
  }
}
