package dev.quern.model.family;

import dev.quern.model.Limits;
import dev.quern.model.ModelConfig;
import dev.quern.model.QueryScale;
import java.util.List;

/** Ministral 3: Mistral whose q grows with the position, step by step of the trained length. */
final class Ministral3 {
  static final Family FAMILY =
      new Family(
          List.of("Ministral3ForCausalLM"),
          List.of("ministral3"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false,
           "num_key_value_heads": 8, "head_dim": 128, "max_position_embeddings": 262144}\
          """,
          Ministral3::describe);

  /** The rotary settings of a config that has none. */
  private static final String ROPE =
      """
      {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1000000.0, "factor": 16.0,
       "original_max_position_embeddings": 16384, "beta_fast": 32.0, "beta_slow": 1.0,
       "mscale_all_dim": 1.0, "mscale": 1.0, "llama_4_scaling_beta": 0.1}}\
      """;

  private Ministral3() {}

  static void describe(Blueprint b) {
    b.kinds.windowEverywhere();
    b.kinds.theta = 1_000_000;
    b.kinds.ropeDefaults = ROPE;
    ModelConfig config = b.kinds.ropeConfig();
    ModelConfig rope = config.child(config.find("rope_parameters", "rope_scaling"));
    double beta = rope.number("llama_4_scaling_beta");
    int tokens = rope.integer(1, Limits.CONTEXT, "original_max_position_embeddings");
    b.queryScale = new QueryScale(beta, tokens);
  }
}
