package dev.quern.backend;

/**
 * The plain definition of a decoder layer, in the small verbs. Every family's layer is this one
 * with other data: pre-norm (Llama), sandwich norms (Gemma 2), post-norm only (OLMo 2), parallel
 * residual (GPT-NeoX, Phi, Falcon).
 */
final class DecoderLayer {
  private DecoderLayer() {}

  static void run(Ops ops, Layer layer, Workspace w, KvCache kv, Batch batch) {
    Attention attention = layer.attention();
    Mlp mlp = layer.mlp();
    int rows = w.x().rows();
    Tensor qkv = w.qkv().shape(rows, attention.qkvCols());
    Tensor attended = w.attended().shape(rows, attention.heads() * attention.headDim());
    Tensor wide = w.wide().shape(rows, mlp.up().weight().rows());
    Tensor activated = w.activated().shape(rows, mlp.ffnSize());

    if (layer.parallel()) {
      // Both branches read the layer's input, so the MLP's inner rows are taken before attention
      // adds to it.
      Tensor shared = w.x();
      if (layer.attentionNorm() != null) {
        ops.norm(w.normed(), w.x(), layer.attentionNorm());
        shared = w.normed();
      }
      ops.linear(qkv, shared, attention.qkv());
      Tensor mlpInput = layer.mlpNorm() == null ? shared : w.x();
      ops.mlpInner(activated, mlpInput, layer.mlpNorm(), mlp, wide, w.delta());
    } else {
      ops.normLinear(qkv, w.x(), layer.attentionNorm(), attention.qkv(), w.normed());
    }
    ops.rotateAndStore(qkv, kv, layer.index(), attention, batch);
    ops.attention(attended, qkv, kv, layer.index(), attention, batch);
    addTo(ops, w, attended, attention.out(), layer.postAttentionNorm(), layer.residualScale());
    if (!layer.parallel()) {
      ops.mlpInner(activated, w.x(), layer.mlpNorm(), mlp, wide, w.normed());
    }
    addTo(ops, w, activated, mlp.down(), layer.postMlpNorm(), layer.residualScale());
  }

  /** x += scale · norm(linear(input)). */
  private static void addTo(
      Ops ops, Workspace w, Tensor input, Linear linear, Norm postNorm, float scale) {
    if (postNorm == null) {
      ops.linearAdd(w.x(), input, linear, scale, w.delta());
      return;
    }
    ops.linear(w.delta(), input, linear);
    ops.norm(w.delta(), w.delta(), postNorm);
    ops.add(w.x(), w.delta(), scale);
  }
}
