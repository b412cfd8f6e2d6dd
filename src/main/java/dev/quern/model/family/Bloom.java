package dev.quern.model.family;

import dev.quern.backend.Activation;
import dev.quern.model.family.Projection.ByKvHead;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** BLOOM: linear biases, a norm on the embeddings. */
final class Bloom {
  static final Family FAMILY =
      new Family(
          List.of("BloomForCausalLM"),
          List.of("bloom"),
          """
          {"layer_norm_epsilon": 1e-5, "tie_word_embeddings": true}\
          """,
          Bloom::describe);

  private Bloom() {}

  private static void describe(Blueprint b) {
    b.only(false, "apply_residual_connection_post_layernorm");
    b.layerNorms(true);
    b.embedNorm = true;
    b.gated = false;
    b.activation = Activation.GELU_TANH;
    b.qkvBias = true;
    b.outBias = true;
    b.mlpBias = true;
    b.kinds.rotary = false;
    b.alibi = 1;
    TensorNames names = b.names;
    names.embed = "transformer.word_embeddings";
    names.embedNorm = "transformer.word_embeddings_layernorm";
    names.layer = "transformer.h.{i}.";
    names.qkv = new ByKvHead("self_attention.query_key_value");
    names.out = "self_attention.dense";
    names.up = new Split("mlp.dense_h_to_4h");
    names.down = "mlp.dense_4h_to_h";
    names.finalNorm = "transformer.ln_f";
    names.prefixes = List.of("transformer.");
  }
}
