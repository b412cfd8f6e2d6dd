package dev.quern.model.family;

import dev.quern.model.family.Projection.Split;
import java.util.ArrayList;
import java.util.List;

/**
 * What a family's checkpoints call their tensors, without {@code .weight} and {@code .bias}. Starts
 * as Llama's; a family sets what differs. Names of a layer's tensors follow {@link #layer}, in
 * which {@code {i}} is the layer.
 */
final class TensorNames {
  String embed = "model.embed_tokens";
  String positions;
  String embedNorm;
  String layer = "model.layers.{i}.";
  String attentionNorm = "input_layernorm";
  String postAttentionNorm;
  String mlpNorm = "post_attention_layernorm";
  String postMlpNorm;
  Projection qkv = new Split("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj");
  String out = "self_attn.o_proj";

  /** With {h} where each head has a tensor of its own. */
  String qNorm = "self_attn.q_norm";

  String kNorm = "self_attn.k_norm";
  Projection up = new Split("mlp.gate_proj", "mlp.up_proj");

  /** Before the names of an activation's learned numbers. */
  String activation = "mlp.act_fn";

  String down = "mlp.down_proj";
  String finalNorm = "model.norm";
  String head = "lm_head";

  /** Matrices of the layers are stored as [in, out] (GPT-2's Conv1D). */
  boolean transposed;

  /** Regular expressions of whole names that may be there and are not read. */
  final List<String> ignored = new ArrayList<>(List.of(".*\\.rotary_emb\\.inv_freq"));

  /** See {@link dev.quern.model.WeightPlan#prefixes}. */
  List<String> prefixes = List.of("model.");

  /** The names in Mistral's own files. */
  static TensorNames ofMistral() {
    TensorNames names = new TensorNames();
    names.embed = "tok_embeddings";
    names.layer = "layers.{i}.";
    names.attentionNorm = "attention_norm";
    names.mlpNorm = "ffn_norm";
    names.qkv = new Projection.Alternating("attention.wq", "attention.wk", "attention.wv");
    names.out = "attention.wo";
    names.up = new Split("feed_forward.w1", "feed_forward.w3");
    names.down = "feed_forward.w2";
    names.finalNorm = "norm";
    names.head = "output";
    names.prefixes = List.of();
    return names;
  }
}
