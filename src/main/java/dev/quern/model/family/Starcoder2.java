package dev.quern.model.family;

import dev.quern.model.family.Projection.Split;
import java.util.List;

/** StarCoder 2: LayerNorm, a plain MLP, biases and a window everywhere. */
final class Starcoder2 {
  static final Family FAMILY =
      new Family(
          List.of("Starcoder2ForCausalLM"),
          List.of("starcoder2"),
          """
          {"norm_epsilon": 1e-5, "hidden_act": "gelu_pytorch_tanh", "tie_word_embeddings": true,
           "use_bias": true, "num_key_value_heads": 2}\
          """,
          Starcoder2::describe);

  private Starcoder2() {}

  private static void describe(Blueprint b) {
    b.layerNorms(true);
    b.gated = false;
    b.qkvBias = b.config.flag(true, "use_bias");
    b.outBias = b.qkvBias;
    b.mlpBias = b.qkvBias;
    b.kinds.windowEverywhere();
    b.names.up = new Split("mlp.c_fc");
    b.names.down = "mlp.c_proj";
  }
}
