package dev.quern.backend;

/**
 * The verbs that a model is written in. Each op returns void and writes to its first arguments;
 * none allocates device memory, synchronises or reads back. The number of rows is that of the
 * tensors given; where the batch is an argument its first {@code batch.tokens} rows are meant and
 * further rows are padding.
 *
 * <p>An output value depends on its own row's inputs alone and is summed in one order whatever the
 * number of rows.
 */
public interface Ops {
  /** x[T,E] = table[id] · scale, with the ids of the batch. */
  void embed(Tensor x, Weight table, float scale, Batch batch);

  /** x[T,E] += table[position + offset] (learned positions: GPT-2, OPT). */
  void addPositions(Tensor x, Weight table, int offset, Batch batch);

  /** y[T,N] = norm(x[T,N]); y may be x. */
  void norm(Tensor y, Tensor x, Norm norm);

  /** y[T,N] = x[T,K] · Wᵀ + bias. */
  void linear(Tensor y, Tensor x, Linear linear);

  /** Clamps qkv, then norms, rotates and scales q and k in place; qkv[T,(H+2Hk)·D]. */
  void qkNormRope(Tensor qkv, Attention attention, Batch batch);

  /** Stores k and v of each row at its slot; slot -1 stores none. */
  void storeKv(KvCache kv, int layer, Tensor qkv, Attention attention, Batch batch);

  /** out[T,H·D] = causal softmax(scale · q·kᵀ) · v over the paged keys of each row's sequence. */
  void attention(Tensor out, Tensor qkv, KvCache kv, int layer, Attention attention, Batch batch);

  /** y[T,F] = act(x[T,F]); {@code parameters} as in {@link Mlp}. */
  void activation(Tensor y, Tensor x, Activation activation, Tensor parameters);

  /** y[T,F] = act(x[T,0…F-1]) · x[T,F…2F-1]; not for XIELU. */
  void gatedActivation(Tensor y, Tensor x, Activation activation);

  /** y += alpha · x. */
  void add(Tensor y, Tensor x, float alpha);

  /** y[R,E] = x[T,E] at {@code batch.logitRows[fromRow …]}, as many as y has rows. */
  void gatherRows(Tensor y, Tensor x, Batch batch, int fromRow);

  /** logits = softcap(logits · scale): {@code cap · tanh(v / cap)}; cap 0 = scale only. */
  void scaleSoftcap(Tensor logits, float scale, float cap);

  /**
   * Notes the raw log-probabilities that the rows from {@code fromRow} ask for: the alternatives,
   * and that of a target that is known. What is needed for a chosen token is kept until {@link
   * #chosenLogprobs}.
   */
  void logprobs(Tensor logits, Batch batch, int fromRow);

  /** Allowed ids, banned ids and logit bias of the sampled rows. */
  void maskLogits(Tensor logits, Batch batch);

  /** Repetition, frequency and presence penalties of the sampled rows. */
  void applyPenalties(Tensor logits, Batch batch);

  /**
   * Chooses {@code nextTokens} of the sampled rows: greedy, or temperature, min_p, top_k, top_p and
   * a draw.
   */
  void sample(Tensor logits, Batch batch);

  /** The raw log-probability and rank of each token just chosen, where asked for. */
  void chosenLogprobs(Batch batch);

  /** Puts the tokens sampled in {@code previous} where the batch's feedRows point to them. */
  void feedTokens(Batch batch, Batch previous);

  // Coarse verbs: the model calls these; a backend overrides those it fuses. The default is their
  // definition and oracle.

  /** y = linear(norm(x)); {@code normed} is scratch of x's shape. A null norm is none. */
  default void normLinear(Tensor y, Tensor x, Norm norm, Linear linear, Tensor normed) {
    if (norm == null) {
      linear(y, x, linear);
      return;
    }
    norm(normed, x, norm);
    linear(y, normed, linear);
  }

  /** y += alpha · linear(x); {@code delta} is scratch of y's shape. */
  default void linearAdd(Tensor y, Tensor x, Linear linear, float alpha, Tensor delta) {
    linear(delta, x, linear);
    add(y, delta, alpha);
  }

  /** Norms and rotates q and k, and stores k and v of each row at its slot. */
  default void rotateAndStore(Tensor qkv, KvCache kv, int layer, Attention attention, Batch batch) {
    qkNormRope(qkv, attention, batch);
    storeKv(kv, layer, qkv, attention, batch);
  }

  /**
   * The activated inner rows of an MLP: activated[T,F] from x; {@code wide} and {@code normed} are
   * scratch.
   */
  default void mlpInner(
      Tensor activated, Tensor x, Norm norm, Mlp mlp, Tensor wide, Tensor normed) {
    normLinear(wide, x, norm, mlp.up(), normed);
    if (mlp.gated()) {
      gatedActivation(activated, wide, mlp.activation());
    } else {
      activation(activated, wide, mlp.activation(), mlp.parameters());
    }
  }

  /** One decoder layer on the residual stream {@code w.x()}. */
  default void decoderLayer(Layer layer, Workspace w, KvCache kv, Batch batch) {
    DecoderLayer.run(this, layer, w, kv, batch);
  }
}
