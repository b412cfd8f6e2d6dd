package dev.quern.model.family;

import dev.quern.model.family.Projection.ByKvHead;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** GPT-NeoX, Pythia, Dolly: q, k and v merged by head, usually side by side. */
final class GptNeoX {
  static final Family FAMILY =
      new Family(
          List.of("GPTNeoXForCausalLM"),
          List.of("gpt_neox"),
          """
          {"layer_norm_eps": 1e-5, "hidden_act": "gelu", "tie_word_embeddings": false,
           "use_parallel_residual": true}\
          """,
          GptNeoX::describe);

  private GptNeoX() {}

  private static void describe(Blueprint b) {
    b.layerNorms(true);
    b.parallel = b.config.flag(true, "use_parallel_residual");
    b.gated = false;
    b.qkvBias = b.config.flag(true, "attention_bias");
    b.outBias = b.qkvBias;
    b.mlpBias = true;
    b.kinds.share = 0.25;
    TensorNames names = b.names;
    names.embed = "gpt_neox.embed_in";
    names.layer = "gpt_neox.layers.{i}.";
    names.qkv = new ByKvHead("attention.query_key_value");
    names.out = "attention.dense";
    names.up = new Split("mlp.dense_h_to_4h");
    names.down = "mlp.dense_4h_to_h";
    names.finalNorm = "gpt_neox.final_layer_norm";
    names.head = "embed_out";
    names.prefixes = List.of("gpt_neox.");
    names.ignored.add(".*\\.attention\\.(masked_)?bias");
  }
}
