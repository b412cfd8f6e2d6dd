package dev.quern.model.family;

import java.util.List;

/** Gemma 2: norms before and after each block, soft caps, a window on every other layer. */
final class Gemma2 {
  static final Family FAMILY =
      new Family(
          List.of("Gemma2ForCausalLM"),
          List.of("gemma2"),
          """
          {"rms_norm_eps": 1e-6, "tie_word_embeddings": true, "head_dim": 256, "sliding_window": 4096,
           "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50.0,
           "final_logit_softcapping": 30.0}\
          """,
          Gemma2::describe);

  private Gemma2() {}

  private static void describe(Blueprint b) {
    sandwich(b);
    b.kinds.windowByLayerTypes(layer -> layer % 2 == 0);
  }

  /** What Gemma 2 and 3 share. */
  static void sandwich(Blueprint b) {
    Gemma.common(b);
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.postAttentionNorm = true;
    b.postMlpNorm = true;
    b.names.postAttentionNorm = "post_attention_layernorm";
    b.names.mlpNorm = "pre_feedforward_layernorm";
    b.names.postMlpNorm = "post_feedforward_layernorm";
    b.attentionScale = 1 / Math.sqrt(b.config.positive("query_pre_attn_scalar"));
    b.attentionSoftcap = b.config.positiveOr(0, "attn_logit_softcapping");
    b.logitSoftcap = b.config.positiveOr(0, "final_logit_softcapping");
  }
}
