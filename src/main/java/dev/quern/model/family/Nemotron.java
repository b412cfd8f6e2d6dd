package dev.quern.model.family;

import dev.quern.model.family.Projection.Split;
import java.util.List;

/** Nemotron 4 and Minitron: LayerNorm that stores w - 1, squared ReLU. */
final class Nemotron {
  static final Family FAMILY =
      new Family(
          List.of("NemotronForCausalLM"),
          List.of("nemotron"),
          """
          {"norm_eps": 1e-5, "hidden_act": "relu2", "tie_word_embeddings": false}\
          """,
          Nemotron::describe);

  private Nemotron() {}

  private static void describe(Blueprint b) {
    Llama.describe(b);
    b.layerNorms(true);
    b.norm = b.offset(b.norm, 1);
    b.gated = false;
    b.kinds.share = 0.5;
    b.names.up = new Split("mlp.up_proj");
  }
}
