package dev.quern.model.family;

import dev.quern.model.family.Projection.Split;
import java.util.List;

/** Arcee AFM: Llama with a plain MLP and squared ReLU. */
final class Arcee {
  static final Family FAMILY =
      new Family(
          List.of("ArceeForCausalLM"),
          List.of("arcee"),
          """
          {"rms_norm_eps": 1e-5, "hidden_act": "relu2", "tie_word_embeddings": false}\
          """,
          Arcee::describe);

  private Arcee() {}

  private static void describe(Blueprint b) {
    Llama.describe(b);
    b.gated = false;
    b.names.up = new Split("mlp.up_proj");
  }
}
