package dev.quern.backend.cuda;

import dev.quern.backend.Activation;
import dev.quern.backend.Attention;
import dev.quern.backend.Batch;
import dev.quern.backend.DType;
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
  private static final int ROW_THREADS = 256;
  private static final int ELEMENT_BLOCKS = 1024;

  private final CudaBackend backend;
  private final KernelModule kernels;
  private final CudaProducts products;
  private final CudaRotation rotation;
  private final CudaAttention attention;
  private final CudaLogits logits;
  private final long stream;

  CudaOps(
      CudaBackend backend,
      KernelModule kernels,
      CudaProducts products,
      CudaAttention attention,
      long stream) {
    this.backend = backend;
    this.kernels = kernels;
    this.products = products;
    this.attention = attention;
    this.stream = stream;
    rotation = new CudaRotation(backend, kernels, stream);
    logits = new CudaLogits(backend, kernels, stream);
  }

  private Kernel kernel(String name, DType dtype, String parameters) {
    return kernels.kernel(name, dtype, parameters);
  }

  private static CudaTensor cuda(Tensor tensor) {
    return (CudaTensor) tensor;
  }

  private static long address(Tensor tensor) {
    return CudaTensor.addressOf(tensor);
  }

  @Override
  public void embed(Tensor x, Weight table, float scale, Batch batch) {
    kernel("embed", x.dtype(), "pppiif")
        .pointer(address(x))
        .pointer(((CudaWeight) table).address())
        .pointer(backend.inputs(batch).tokenIds())
        .integer(x.cols())
        .integer(table.rows())
        .real(scale)
        .launch(x.rows(), 1, 1, ROW_THREADS, 0, stream);
  }

  @Override
  public void addPositions(Tensor x, Weight table, int offset, Batch batch) {
    kernel("add_positions", x.dtype(), "pppiii")
        .pointer(address(x))
        .pointer(((CudaWeight) table).address())
        .pointer(backend.inputs(batch).positions())
        .integer(x.cols())
        .integer(table.rows())
        .integer(offset)
        .launch(x.rows(), 1, 1, ROW_THREADS, 0, stream);
  }

  @Override
  public void norm(Tensor y, Tensor x, Norm norm) {
    kernel("norm", x.dtype(), "ppppiffi")
        .pointer(address(y))
        .pointer(address(x))
        .pointer(address(norm.weight()))
        .pointer(address(norm.bias()))
        .integer(x.cols())
        .real(norm.eps())
        .real(norm.weightOffset())
        .integer(norm.kind() == Norm.Kind.LAYER ? 1 : 0)
        .launch(x.rows(), 1, 1, normThreads(x), 0, stream);
  }

  /** One a 16-byte pack, or one an element where rows are no whole packs. */
  private static int normThreads(Tensor x) {
    int pack = 16 / x.dtype().bytes();
    int units = x.cols() % pack == 0 ? x.cols() / pack : x.cols();
    return Math.min(1024, Math.ceilDiv(units, 32) * 32);
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
    kernel("store_kv", qkv.dtype(), "Kppii")
        .kv((CudaKvCache) kv)
        .pointer(address(qkv))
        .pointer(backend.inputs(batch).slots())
        .integer(layer)
        .integer(a.heads())
        .launch(qkv.rows(), 2 * a.kvHeads(), 1, 64, 0, stream);
  }

  @Override
  public void attention(Tensor out, Tensor qkv, KvCache kv, int layer, Attention a, Batch batch) {
    attention.run(cuda(out), cuda(qkv), (CudaKvCache) kv, layer, a, backend.inputs(batch));
  }

  @Override
  public void activation(Tensor y, Tensor x, Activation activation, Tensor parameters) {
    if (activation == Activation.XIELU) {
      kernel("xielu", y.dtype(), "pppi")
          .pointer(address(y))
          .pointer(address(x))
          .pointer(address(parameters))
          .integer(y.cols())
          .launch(y.rows(), Math.ceilDiv(y.cols(), ROW_THREADS), 1, ROW_THREADS, 0, stream);
      return;
    }
    elementwise("activation", y, x, activation, ROW_THREADS);
  }

  @Override
  public void gatedActivation(Tensor y, Tensor x, Activation activation) {
    if (activation == Activation.XIELU) {
      throw new IllegalArgumentException("XIELU has parameters");
    }
    elementwise("gated_activation", y, x, activation, 8 * ROW_THREADS);
  }

  private void elementwise(
      String name, Tensor y, Tensor x, Activation activation, int blockElements) {
    kernel(name, y.dtype(), "ppii")
        .pointer(address(y))
        .pointer(address(x))
        .integer(y.cols())
        .integer(activation.ordinal())
        .launch(y.rows(), Math.ceilDiv(y.cols(), blockElements), 1, ROW_THREADS, 0, stream);
  }

  @Override
  public void add(Tensor y, Tensor x, float alpha) {
    long n = cuda(y).elements();
    kernel("add", y.dtype(), "ppfl")
        .pointer(address(y))
        .pointer(address(x))
        .real(alpha)
        .integer64(n)
        .launch(elementBlocks(n), 1, 1, ROW_THREADS, 0, stream);
  }

  static int elementBlocks(long elements) {
    return (int) Math.min(ELEMENT_BLOCKS, Math.ceilDiv(elements, ROW_THREADS));
  }

  @Override
  public void gatherRows(Tensor y, Tensor x, Batch batch, int fromRow) {
    kernel("gather_rows", y.dtype(), "pppii")
        .pointer(address(y))
        .pointer(address(x))
        .pointer(backend.inputs(batch).logitRows())
        .integer(fromRow)
        .integer(y.cols())
        .launch(y.rows(), 1, 1, ROW_THREADS, 0, stream);
  }

  @Override
  public void scaleSoftcap(Tensor logits, float scale, float cap) {
    long n = cuda(logits).elements();
    kernels
        .kernel("scale_softcap", "pffl")
        .begin()
        .pointer(address(logits))
        .real(scale)
        .real(cap)
        .integer64(n)
        .launch(elementBlocks(n), 1, 1, ROW_THREADS, 0, stream);
  }

  @Override
  public void logprobs(Tensor rows, Batch batch, int fromRow) {
    logits.logprobs(cuda(rows), batch, fromRow);
  }

  @Override
  public void maskLogits(Tensor rows, Batch batch) {
    logits.maskLogits(cuda(rows), batch);
  }

  @Override
  public void applyPenalties(Tensor rows, Batch batch) {
    logits.applyPenalties(cuda(rows), batch);
  }

  @Override
  public void sample(Tensor rows, Batch batch) {
    logits.sample(cuda(rows), batch);
  }

  @Override
  public void chosenLogprobs(Batch batch) {
    logits.chosenLogprobs(batch);
  }

  @Override
  public void feedTokens(Batch batch, Batch previous) {
    DeviceBatch inputs = backend.inputs(batch);
    int rows = StepInputs.paddedRows(batch);
    kernels
        .kernel("feed_tokens", "pppi")
        .begin()
        .pointer(inputs.tokenIds())
        .pointer(inputs.feedRows())
        .pointer(backend.sampling(previous).results().nextTokens())
        .integer(rows)
        .launch(Math.ceilDiv(rows, ROW_THREADS), 1, 1, ROW_THREADS, 0, stream);
  }
}
