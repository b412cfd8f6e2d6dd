package dev.quern.model.family;

import dev.quern.model.NormSpec;
import java.util.List;

/** StableLM 2 and 3B: LayerNorm, a rotated quarter, sometimes side by side. */
final class StableLm {
  static final Family FAMILY =
      new Family(
          List.of("StableLmForCausalLM", "StableLMEpochForCausalLM"),
          List.of("stablelm", "stablelm_epoch"),
          """
          {"layer_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false}\
          """,
          StableLm::describe);

  private StableLm() {}

  private static void describe(Blueprint b) {
    b.layerNorms(true);
    if (b.config.flag(false, "qk_layernorm")) {
      b.qkNorm = NormSpec.layer(b.norm.eps(), false);
      b.ownNorms = true;
      b.names.qNorm = "self_attn.q_layernorm.norms.{h}";
      b.names.kNorm = "self_attn.k_layernorm.norms.{h}";
    }
    b.qkvBias = b.config.flag(false, "use_qkv_bias");
    b.parallel = b.config.flag(false, "use_parallel_residual");
    b.mlpNorm = !b.parallel;
    b.kinds.share = 0.25;
  }
}
