package dev.quern.model.family;

import dev.quern.backend.Norm;
import dev.quern.model.ContextLength;
import dev.quern.model.NormSpec;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** OPT: learned positions that start at 2, ReLU. */
final class Opt {
  static final Family FAMILY =
      new Family(
          List.of("OPTForCausalLM"),
          List.of("opt"),
          """
          {"activation_function": "relu", "tie_word_embeddings": true,
           "max_position_embeddings": 2048}\
          """,
          Opt::describe);

  private Opt() {}

  private static void describe(Blueprint b) {
    b.only(true, "do_layer_norm_before");
    if (b.config.integerOr(b.hidden, 1, Integer.MAX_VALUE, "word_embed_proj_dim") != b.hidden) {
      throw b.config.invalid("word_embed_proj_dim", "only the hidden size is supported");
    }
    boolean affine = b.config.flag(true, "layer_norm_elementwise_affine");
    b.norm = new NormSpec(Norm.Kind.LAYER, 1e-5f, 0, affine, affine);
    b.finalNorm = !b.config.flag(false, "_remove_final_layer_norm");
    b.gated = false;
    b.qkvBias = b.config.flag(true, "enable_bias");
    b.outBias = b.qkvBias;
    b.mlpBias = b.qkvBias;
    b.kinds.rotary = false;
    b.positionOffset = 2;
    b.learnedPositions = ContextLength.positions(b.config) + b.positionOffset;
    TensorNames names = b.names;
    names.embed = "model.decoder.embed_tokens";
    names.positions = "model.decoder.embed_positions";
    names.layer = "model.decoder.layers.{i}.";
    names.attentionNorm = "self_attn_layer_norm";
    names.mlpNorm = "final_layer_norm";
    names.out = "self_attn.out_proj";
    names.up = new Split("fc1");
    names.down = "fc2";
    names.finalNorm = "model.decoder.final_layer_norm";
  }
}
