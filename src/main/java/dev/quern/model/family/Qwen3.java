package dev.quern.model.family;

import dev.quern.model.NormSpec;
import java.util.List;

/** Qwen 3: a norm on every q and k head, and a head size of its own. */
final class Qwen3 {
  static final Family FAMILY =
      new Family(
          List.of("Qwen3ForCausalLM"),
          List.of("qwen3"),
          """
          {"rms_norm_eps": 1e-6, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 32, "head_dim": 128, "use_sliding_window": false,
           "sliding_window": 4096, "max_window_layers": 28}\
          """,
          Qwen3::describe);

  private Qwen3() {}

  private static void describe(Blueprint b) {
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.qkNorm = NormSpec.rms(b.norm.eps());
    Qwen2.windows(b);
  }
}
