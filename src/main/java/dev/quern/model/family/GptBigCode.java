package dev.quern.model.family;

import dev.quern.model.family.Projection.ByKvHead;
import java.util.List;

/** StarCoder and SantaCoder: GPT-2 with one key and value head. */
final class GptBigCode {
  static final Family FAMILY =
      new Family(
          List.of("GPTBigCodeForCausalLM"),
          List.of("gpt_bigcode"),
          """
          {"layer_norm_epsilon": 1e-5, "activation_function": "gelu_pytorch_tanh",
           "tie_word_embeddings": true, "n_positions": 1024, "multi_query": true}\
          """,
          GptBigCode::describe);

  private GptBigCode() {}

  private static void describe(Blueprint b) {
    Gpt2.common(b);
    if (b.config.flag(true, "multi_query")) {
      b.kvHeads = 1;
    } else {
      b.kvHeads = b.heads;
      b.names.qkv = new ByKvHead("attn.c_attn");
    }
  }
}
