package dev.quern.model.family;

import java.util.List;

/** Command R: side by side on one LayerNorm without bias, scaled logits. */
final class Cohere {
  static final Family FAMILY =
      new Family(
          List.of("CohereForCausalLM"),
          List.of("cohere"),
          """
          {"layer_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": true,
           "logit_scale": 0.0625}\
          """,
          Cohere::describe);

  private Cohere() {}

  private static void describe(Blueprint b) {
    common(b);
    if (b.config.flag(false, "use_qk_norm")) {
      b.qkNorm = b.norm;
      b.ownNorms = true;
    }
    b.kinds.theta = 500_000;
  }

  /** What Command R, R7B and A share. */
  static void common(Blueprint b) {
    b.layerNorms(false);
    b.parallel = true;
    b.mlpNorm = false;
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.logitScale = b.config.number("logit_scale");
    b.kinds.interleaved = true;
  }
}
