package dev.quern.model.family;

import dev.quern.model.NormSpec;
import java.util.List;

/** HunYuan, dense: Llama with a norm on every q and k head after it was rotated. */
final class HunYuanDense {
  static final Family FAMILY =
      new Family(
          List.of("HunYuanDenseV1ForCausalLM"),
          List.of("hunyuan_v1_dense"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false}\
          """,
          HunYuanDense::describe);

  private HunYuanDense() {}

  private static void describe(Blueprint b) {
    b.only(true, "use_qk_norm");
    b.only(false, "use_cla");
    b.only(false, "mlp_bias");
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.qkNorm = NormSpec.rms(b.norm.eps());
    b.normAfterRope = true;
    b.names.qNorm = "self_attn.query_layernorm";
    b.names.kNorm = "self_attn.key_layernorm";
  }
}
