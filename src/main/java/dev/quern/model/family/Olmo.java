package dev.quern.model.family;

import dev.quern.backend.Norm;
import dev.quern.model.NormSpec;
import java.util.List;

/** OLMo 1: LayerNorm without weights, and q, k and v clipped. */
final class Olmo {
  static final Family FAMILY =
      new Family(
          List.of("OlmoForCausalLM"),
          List.of("olmo"),
          """
          {"hidden_act": "silu", "tie_word_embeddings": false}\
          """,
          Olmo::describe);

  private Olmo() {}

  private static void describe(Blueprint b) {
    b.norm = new NormSpec(Norm.Kind.LAYER, 1e-5f, 0, false, false);
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.clampQkv = b.config.positiveOr(0, "clip_qkv");
  }
}
