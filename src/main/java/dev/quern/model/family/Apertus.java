package dev.quern.model.family;

import dev.quern.model.NormSpec;
import dev.quern.model.family.Projection.Split;
import java.util.List;

/** Apertus: a plain MLP with xIELU, whose curve each layer has learned, and q and k norms. */
final class Apertus {
  static final Family FAMILY =
      new Family(
          List.of("ApertusForCausalLM"),
          List.of("apertus"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "xielu", "tie_word_embeddings": false,
           "max_position_embeddings": 65536}\
          """,
          Apertus::describe);

  /** The rotary settings of a config that has none. */
  private static final String ROPE =
      """
      {"rope_parameters": {"rope_type": "llama3", "rope_theta": 12000000.0, "factor": 8.0,
       "original_max_position_embeddings": 8192, "low_freq_factor": 1.0, "high_freq_factor": 4.0}}\
      """;

  private Apertus() {}

  private static void describe(Blueprint b) {
    b.qkvBias = b.config.flag(false, "attention_bias");
    b.outBias = b.qkvBias;
    b.gated = false;
    b.qkNorm = NormSpec.rms(b.norm.eps());
    b.kinds.theta = 12_000_000;
    b.kinds.ropeDefaults = ROPE;
    TensorNames names = b.names;
    names.attentionNorm = "attention_layernorm";
    names.mlpNorm = "feedforward_layernorm";
    names.up = new Split("mlp.up_proj");
  }
}
