package dev.quern.model.family;

import dev.quern.model.family.Projection.Split;
import java.util.List;

/** GPT-J: side by side on one norm, neighbouring dimensions rotate together. */
final class GptJ {
  static final Family FAMILY =
      new Family(
          List.of("GPTJForCausalLM"),
          List.of("gptj"),
          """
          {"layer_norm_epsilon": 1e-5, "activation_function": "gelu_new",
           "tie_word_embeddings": false, "n_positions": 2048, "rotary_dim": 64}\
          """,
          GptJ::describe);

  private GptJ() {}

  private static void describe(Blueprint b) {
    b.layerNorms(true);
    b.parallel = true;
    b.mlpNorm = false;
    b.gated = false;
    b.mlpBias = true;
    b.headBias = true;
    b.kinds.interleaved = true;
    b.kinds.rotaryDim = b.config.integerOr(b.headDim, 1, b.headDim, "rotary_dim");
    TensorNames names = b.names;
    names.embed = "transformer.wte";
    names.layer = "transformer.h.{i}.";
    names.attentionNorm = "ln_1";
    names.qkv = new Split("attn.q_proj", "attn.k_proj", "attn.v_proj");
    names.out = "attn.out_proj";
    names.up = new Split("mlp.fc_in");
    names.down = "mlp.fc_out";
    names.finalNorm = "transformer.ln_f";
    names.prefixes = List.of("transformer.");
    names.ignored.add(".*\\.attn\\.(masked_)?bias");
  }
}
