package dev.quern.model.family;

import java.util.List;

/** Gemma 3, the text part: q and k norms, five windowed layers for each full one, two bases. */
final class Gemma3 {
  static final Family FAMILY =
      new Family(
          List.of("Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"),
          List.of("gemma3_text", "gemma3"),
          """
          {"rms_norm_eps": 1e-6, "tie_word_embeddings": true, "head_dim": 256, "sliding_window": 4096,
           "query_pre_attn_scalar": 256, "vocab_size": 262208, "num_attention_heads": 8,
           "num_key_value_heads": 4, "max_position_embeddings": 131072,
           "sliding_window_pattern": 6, "rope_local_base_freq": 10000.0}\
          """,
          Gemma3::describe);

  private Gemma3() {}

  private static void describe(Blueprint b) {
    Gemma2.sandwich(b);
    b.only(false, "use_bidirectional_attention");
    b.qkNorm = b.norm;
    int pattern = b.config.integer(1, Integer.MAX_VALUE, "sliding_window_pattern");
    b.kinds.windowByLayerTypes(layer -> (layer + 1) % pattern != 0);
    b.kinds.theta = 1_000_000;
    b.kinds.slidingUnscaled(b.config.positive("rope_local_base_freq"));
    b.kinds.stretch = false;
    b.names.prefixes = List.of("language_model.", "model.");
    b.names.ignored.add("(model\\.)?(vision_tower|multi_modal_projector)\\..*");
  }
}
