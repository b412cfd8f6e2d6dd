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
  private static final int VOCABULARY_THREADS = 1024;
  private static final int ELEMENT_BLOCKS = 1024;

  /** Products of up to so many rows are our own (linear.cu); above, cuBLASLt's are faster. */
  private static final int MAX_FEW_ROWS = 32;

  private final CudaBackend backend;
  private final KernelModule kernels;
  private final MatrixProducts products;
  private final CudaAttention attention;
  private final long stream;

  /** The raw logits of the step, for the logprobs of tokens not yet chosen. */
  private CudaTensor kept;

  CudaOps(CudaBackend backend, KernelModule kernels, MatrixProducts products, long stream) {
    this.backend = backend;
    this.kernels = kernels;
    this.products = products;
    this.stream = stream;
    attention = new CudaAttention(backend, kernels, stream);
  }

  private Kernel kernel(String name, DType dtype, String parameters) {
    return kernels.kernel(name + suffix(dtype), parameters).begin();
  }

  static String suffix(DType dtype) {
    return switch (dtype) {
      case F32 -> "_f32";
      case F16 -> "_f16";
      case BF16 -> "_bf16";
    };
  }

  private static CudaTensor cuda(Tensor tensor) {
    return (CudaTensor) tensor;
  }

  private static long address(Tensor tensor) {
    return tensor == null ? 0 : cuda(tensor).address();
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
    product(y, x, linear, 1, false);
  }

  /**
   * Adds in the product's epilogue, so that y is read and written once and no second kernel starts.
   */
  @Override
  public void linearAdd(Tensor y, Tensor x, Linear linear, float alpha, Tensor delta) {
    if (fewRows(x, linear)) {
      product(y, x, linear, alpha, true);
    } else if (linear.bias() != null
        || !products.multiply(
            cuda(y), cuda(x), (CudaWeight) linear.weight(), null, alpha, true, stream)) {
      Ops.super.linearAdd(y, x, linear, alpha, delta);
    }
  }

  private static boolean fewRows(Tensor x, Linear linear) {
    return x.rows() <= MAX_FEW_ROWS && x.dtype() != DType.F32 && linear.weight().cols() % 32 == 0;
  }

  private void product(Tensor y, Tensor x, Linear linear, float alpha, boolean add) {
    CudaWeight w = (CudaWeight) linear.weight();
    if (fewRows(x, linear)) {
      boolean logits = y.dtype() != x.dtype();
      // With 16 rows a block a small matrix would leave multiprocessors idle.
      int tiles = logits || w.rows() / 16 >= backend.multiprocessors() ? 2 : 1;
      String name = "linear_rows" + rowsKernel(x.rows()) + "x" + tiles + (logits ? "_logits" : "");
      arguments(kernel(name, x.dtype(), "ppppiiifi"), y, x, linear)
          .real(alpha)
          .integer(add ? 1 : 0)
          .launch(Math.ceilDiv(w.rows(), 8 * tiles), 1, 1, 256, 0, stream);
      return;
    }
    if (products.multiply(cuda(y), cuda(x), w, (CudaTensor) linear.bias(), 1, false, stream)) {
      return;
    }
    arguments(kernel("linear" + logitsInfix(y, x), x.dtype(), "ppppiii"), y, x, linear)
        .launch(Math.ceilDiv(w.rows(), 64), Math.ceilDiv(x.rows(), 64), 1, 256, 0, stream);
  }

  private static int rowsKernel(int rows) {
    return rows <= 8 ? 8 : rows <= 16 ? 16 : 32;
  }

  @Override
  public void mlpInner(Tensor activated, Tensor x, Norm norm, Mlp mlp, Tensor wide, Tensor normed) {
    if (!mlp.gated() || !fewRows(x, mlp.up())) {
      Ops.super.mlpInner(activated, x, norm, mlp, wide, normed);
      return;
    }
    Tensor input = x;
    if (norm != null) {
      norm(normed, x, norm);
      input = normed;
    }
    kernel("linear_gated" + rowsKernel(x.rows()), x.dtype(), "ppppiiii")
        .pointer(address(activated))
        .pointer(address(input))
        .pointer(((CudaWeight) mlp.up().weight()).address())
        .pointer(address(mlp.up().bias()))
        .integer(x.rows())
        .integer(mlp.ffnSize())
        .integer(mlp.up().weight().cols())
        .integer(mlp.activation().ordinal())
        .launch(Math.ceilDiv(mlp.ffnSize(), 8), 1, 1, 256, 0, stream);
  }

  private static String logitsInfix(Tensor y, Tensor x) {
    return y.dtype() == x.dtype() ? "" : "_logits";
  }

  private static Kernel arguments(Kernel kernel, Tensor y, Tensor x, Linear linear) {
    return kernel
        .pointer(address(y))
        .pointer(address(x))
        .pointer(((CudaWeight) linear.weight()).address())
        .pointer(address(linear.bias()))
        .integer(x.rows())
        .integer(linear.weight().rows())
        .integer(linear.weight().cols());
  }

  @Override
  public void qkNormRope(Tensor qkv, Attention a, Batch batch) {
    rotate(qkv, null, 0, a, batch);
  }

  @Override
  public void rotateAndStore(Tensor qkv, KvCache kv, int layer, Attention a, Batch batch) {
    rotate(qkv, (CudaKvCache) kv, layer, a, batch);
  }

  /** With a cache, k and v are stored by the same kernel. */
  private void rotate(Tensor qkv, CudaKvCache kv, int layer, Attention a, Batch batch) {
    Norm q = a.qNorm();
    Norm k = a.kNorm();
    boolean layerNorm = q != null && q.kind() == Norm.Kind.LAYER;
    if (q != null && a.wholeNorm()) {
      kernel("whole_norm", qkv.dtype(), "pppppiiififf")
          .pointer(address(qkv))
          .pointer(address(q.weight()))
          .pointer(address(q.bias()))
          .pointer(address(k.weight()))
          .pointer(address(k.bias()))
          .integer(a.heads())
          .integer(a.kvHeads())
          .integer(a.headDim())
          .real(a.clampQkv())
          .integer(layerNorm ? 1 : 0)
          .real(q.eps())
          .real(q.weightOffset())
          .launch(qkv.rows(), 2, 1, ROW_THREADS, 0, stream);
    }
    boolean perHead = q != null && !a.wholeNorm();
    boolean nothing = !perHead && a.rope() == null && a.clampQkv() == 0 && a.queryScale() == null;
    if (kv == null && nothing) {
      return;
    }
    kernel("qk_norm_rope", qkv.dtype(), "ppppppppiiiiifiiiffKpi")
        .pointer(address(qkv))
        .pointer(backend.inputs(batch).positions())
        .pointer(perHead ? address(q.weight()) : 0)
        .pointer(perHead ? address(q.bias()) : 0)
        .pointer(perHead ? address(k.weight()) : 0)
        .pointer(perHead ? address(k.bias()) : 0)
        .pointer(a.rope() == null ? 0 : address(a.rope().cosSin()))
        .pointer(address(a.queryScale()))
        .integer(a.heads())
        .integer(a.kvHeads())
        .integer(a.headDim())
        .integer(a.rope() == null ? 0 : a.rope().rotaryDim())
        .integer(a.rope() != null && a.rope().interleaved() ? 1 : 0)
        .real(a.clampQkv())
        .integer(!perHead ? 0 : a.normAfterRope() ? 2 : 1)
        .integer(perHead && weightPerHead(q, a) ? 1 : 0)
        .integer(layerNorm ? 1 : 0)
        .real(perHead ? q.eps() : 0)
        .real(perHead ? q.weightOffset() : 0)
        .kv(kv)
        .pointer(kv == null ? 0 : backend.inputs(batch).slots())
        .integer(layer)
        .launch(qkv.rows(), a.heads() + 2 * a.kvHeads(), 1, 64, 0, stream);
  }

  /** Each head has its own part of the weight [1,H·D]. */
  private static boolean weightPerHead(Norm norm, Attention a) {
    return norm.weight() != null && norm.weight().cols() != a.headDim();
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
  public void logprobs(Tensor logits, Batch batch, int fromRow) {
    DeviceSampling sampling = backend.sampling(batch);
    if (!sampling.logprobs()) {
      return;
    }
    boolean prompt = fromRow >= batch.sampledRows;
    int rows = prompt ? logits.rows() : batch.sampledRows;
    // A prompt's targets are known, so nothing of its rows is kept beyond this.
    CudaTensor raw =
        prompt ? cuda(logits) : backend.vocabularyRows().kept(logits.rows(), logits.cols());
    if (!prompt) {
      kept = raw;
    }
    kernels
        .kernel("raw_logprobs", "ppppppii")
        .begin()
        .pointer(raw.address())
        .pointer(sampling.logSums(fromRow))
        .pointer(sampling.topIds(fromRow))
        .pointer(sampling.topValues(fromRow))
        .pointer(address(logits))
        .pointer(sampling.logprobRows(fromRow))
        .integer(logits.cols())
        .integer(sampling.width())
        .launch(rows, 1, 1, VOCABULARY_THREADS, 0, stream);
    backend.keepWholeRows(batch, raw, fromRow, rows);
    if (prompt) {
      chosen(sampling, raw, fromRow, rows);
    }
  }

  @Override
  public void maskLogits(Tensor logits, Batch batch) {
    DeviceSampling sampling = backend.sampling(batch);
    if (!sampling.masked()) {
      return;
    }
    kernels
        .kernel("mask_logits", "ppppppppii")
        .begin()
        .pointer(address(logits))
        .pointer(sampling.allowedRows())
        .pointer(sampling.masks())
        .pointer(sampling.bannedStarts())
        .pointer(sampling.bannedIds())
        .pointer(sampling.biasStarts())
        .pointer(sampling.biasIds())
        .pointer(sampling.biasValues())
        .integer(logits.cols())
        .integer(sampling.maskWords())
        .launch(batch.sampledRows, 1, 1, VOCABULARY_THREADS, 0, stream);
  }

  @Override
  public void applyPenalties(Tensor logits, Batch batch) {
    DeviceSampling sampling = backend.sampling(batch);
    if (sampling.penalisedRows() == 0) {
      return;
    }
    kernels
        .kernel("penalize", "ppppi")
        .begin()
        .pointer(address(logits))
        .pointer(backend.vocabularyRows().seen(batch.sampledRows, logits.cols()))
        .pointer(sampling.penaltyRows())
        .pointer(sampling.history())
        .integer(logits.cols())
        .launch(batch.sampledRows, 1, 1, VOCABULARY_THREADS, 0, stream);
  }

  @Override
  public void sample(Tensor logits, Batch batch) {
    DeviceSampling sampling = backend.sampling(batch);
    kernels
        .kernel("sample", "pppi")
        .begin()
        .pointer(sampling.nextTokens())
        .pointer(address(logits))
        .pointer(sampling.sampleRows())
        .integer(logits.cols())
        .launch(logits.rows(), 1, 1, VOCABULARY_THREADS, 0, stream);
  }

  @Override
  public void chosenLogprobs(Batch batch) {
    DeviceSampling sampling = backend.sampling(batch);
    if (sampling.logprobs() && batch.sampledRows > 0) {
      chosen(sampling, kept, 0, batch.sampledRows);
    }
    backend.resultsReady(batch);
  }

  private void chosen(DeviceSampling sampling, CudaTensor raw, int fromRow, int rows) {
    kernels
        .kernel("chosen_logprobs", "ppppppi")
        .begin()
        .pointer(sampling.chosen(fromRow))
        .pointer(sampling.ranks(fromRow))
        .pointer(raw.address())
        .pointer(sampling.logSums(fromRow))
        .pointer(sampling.logprobRows(fromRow))
        .pointer(sampling.nextTokens())
        .integer(raw.cols())
        .launch(rows, 1, 1, VOCABULARY_THREADS, 0, stream);
  }

  @Override
  public void feedTokens(Batch batch, Batch previous) {
    DeviceBatch inputs = backend.inputs(batch);
    int rows = backend.paddedRows(batch);
    kernels
        .kernel("feed_tokens", "pppi")
        .begin()
        .pointer(inputs.tokenIds())
        .pointer(inputs.feedRows())
        .pointer(backend.sampling(previous).nextTokens())
        .integer(rows)
        .launch(Math.ceilDiv(rows, ROW_THREADS), 1, 1, ROW_THREADS, 0, stream);
  }
}
