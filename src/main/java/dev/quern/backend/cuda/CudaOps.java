package dev.quern.backend.cuda;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.KvCache;
import dev.quern.backend.Linear;
import dev.quern.backend.Mlp;
import dev.quern.backend.Norm;
import dev.quern.backend.Ops;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;

/**
 * The verbs on a GPU: each chooses its kernel by shape and type and puts it on the backend's
 * stream. Logits are fp32, all other activations and the KV cache have the type of the weights.
 */
final class CudaOps implements Ops {
  private final StepInputs inputs;
  private final KernelModule kernels;
  private final CudaRows rows;
  private final CudaProducts products;
  private final CudaRotation rotation;
  private final CudaAttention attention;
  private final CudaLogits logits;
  private final long stream;

  /**
   * @param batchInvariant see {@link CudaBackend#open}
   * @param attentionParts scratch of {@link CudaAttention#PARTS_BYTES}
   */
  CudaOps(
      CudaDevice device,
      KernelModule kernels,
      MatrixProducts library,
      VocabularyRows vocabularyRows,
      StepInputs inputs,
      StepGraphs graphs,
      boolean batchInvariant,
      long attentionParts) {
    this.inputs = inputs;
    this.kernels = kernels;
    stream = device.stream;
    int multiprocessors = device.multiprocessors;
    rows = new CudaRows(inputs, kernels, stream);
    products = new CudaProducts(kernels, library, multiprocessors, batchInvariant, stream);
    rotation = new CudaRotation(inputs, kernels, stream);
    attention = new CudaAttention(kernels, multiprocessors, batchInvariant, attentionParts, stream);
    logits = new CudaLogits(inputs, graphs, vocabularyRows, kernels, stream);
  }

  private static CudaTensor cuda(Tensor tensor) {
    return (CudaTensor) tensor;
  }

  @Override
  public void embed(Tensor x, Weight table, float scale, Batch batch) {
    rows.embed(cuda(x), table, scale, batch);
  }

  @Override
  public void addPositions(Tensor x, Weight table, int offset, Batch batch) {
    rows.addPositions(cuda(x), table, offset, batch);
  }

  @Override
  public void norm(Tensor y, Tensor x, Norm norm) {
    rows.norm(cuda(y), cuda(x), norm);
  }

  @Override
  public void linear(Tensor y, Tensor x, Linear linear) {
    products.linear(cuda(y), cuda(x), linear);
  }

  @Override
  public void linearAdd(Tensor y, Tensor x, Linear linear, float alpha, Tensor delta) {
    if (!products.linearAdd(cuda(y), cuda(x), linear, alpha)) {
      Ops.super.linearAdd(y, x, linear, alpha, delta);
    }
  }

  @Override
  public void mlpInner(Tensor activated, Tensor x, Norm norm, Mlp mlp, Tensor wide, Tensor normed) {
    if (!mlp.gated() || !products.fewRows(x, mlp.up())) {
      Ops.super.mlpInner(activated, x, norm, mlp, wide, normed);
      return;
    }
    if (norm != null) {
      norm(normed, x, norm);
    }
    products.gated(cuda(activated), cuda(norm == null ? x : normed), mlp);
  }

  @Override
  public void qkNormRope(Tensor qkv, Attention a, Batch batch) {
    rotation.rotate(cuda(qkv), null, 0, a, batch);
  }

  @Override
  public void rotateAndStore(Tensor qkv, KvCache kv, int layer, Attention a, Batch batch) {
    rotation.rotate(cuda(qkv), (CudaKvCache) kv, layer, a, batch);
  }

  @Override
  public void storeKv(KvCache kv, int layer, Tensor qkv, Attention a, Batch batch) {
    kernels
        .kernel("store_kv", qkv.dtype(), "Kppii")
        .kv((CudaKvCache) kv)
        .pointer(CudaTensor.addressOf(qkv))
        .pointer(inputs.inputs(batch).slots())
        .integer(layer)
        .integer(a.heads())
        .launch(qkv.rows(), 2 * a.kvHeads(), 1, 64, 0, stream);
  }

  @Override
  public void attention(Tensor out, Tensor qkv, KvCache kv, int layer, Attention a, Batch batch) {
    attention.run(cuda(out), cuda(qkv), (CudaKvCache) kv, layer, a, inputs.inputs(batch));
  }

  @Override
  public void activation(Tensor y, Tensor x, Activation activation, Tensor parameters) {
    rows.activation(cuda(y), cuda(x), activation, parameters);
  }

  @Override
  public void gatedActivation(Tensor y, Tensor x, Activation activation) {
    rows.gatedActivation(cuda(y), cuda(x), activation);
  }

  @Override
  public void add(Tensor y, Tensor x, float alpha) {
    rows.add(cuda(y), cuda(x), alpha);
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Batch batch, int fromRow) {
    rows.gatherRows(cuda(y), cuda(x), batch, fromRow);
  }

  @Override
  public void scaleSoftcap(Tensor values, float scale, float cap) {
    rows.scaleSoftcap(cuda(values), scale, cap);
  }

  @Override
  public void logprobs(Tensor values, Batch batch, int fromRow) {
    logits.logprobs(cuda(values), batch, fromRow);
  }

  @Override
  public void maskLogits(Tensor values, Batch batch) {
    logits.maskLogits(cuda(values), batch);
  }

  @Override
  public void applyPenalties(Tensor values, Batch batch) {
    logits.applyPenalties(cuda(values), batch);
  }

  @Override
  public void sample(Tensor values, Batch batch) {
    logits.sample(cuda(values), batch);
  }

  @Override
  public void chosenLogprobs(Batch batch) {
    logits.chosenLogprobs(batch);
  }

  @Override
  public void feedTokens(Batch batch, Batch previous) {
    rows.feedTokens(batch, previous);
  }
}
