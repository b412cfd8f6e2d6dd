package dev.quern.backend.cuda;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Ops;
import dev.quern.backend.Step;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import dev.quern.cuda.CudaMemory;
import dev.quern.files.ColdReads;
import java.util.List;

/**
 * One NVIDIA GPU. Weights and workspace lie in ranges that are reserved once and backed as they
 * fill, the KV cache in one of its own. All work of steps goes on one stream; decode steps are
 * recorded as graphs at padded sizes when they come a second time.
 *
 * <p>The thread that launches must have the context: {@link #upload} makes it current, so that the
 * engine's thread, which is not the one that loads, needs to know nothing.
 */
public final class CudaBackend implements Backend {
  private static final long WORKSPACE_RESERVED_BYTES = 64L << 30;
  private static final long CHUNK_BYTES = 32L << 20;

  /** The kernels' code, and rounding of every range to the driver's granularity. */
  private static final long KERNELS_BYTES = 64L << 20;

  private final CudaDevice device;
  private final DType dtype;
  private final KernelModule kernels;
  private final WeightStore weights;
  private final DeviceArena workspace;
  private final MatrixProducts products;
  private final VocabularyRows vocabularyRows;
  private final StepInputs inputs;
  private final StepGraphs graphs;
  private final CudaOps ops;
  private final GpuMeter meter;
  private CudaTensor logits;
  private long kvTokens;

  private CudaBackend(int ordinal, DType dtype, boolean batchInvariant, ColdReads coldReads) {
    this.dtype = dtype;
    device = new CudaDevice(ordinal);
    kernels = KernelModule.load();
    weights = new WeightStore(device.handle, device.context, kernels, coldReads);
    workspace = new DeviceArena(device.handle, WORKSPACE_RESERVED_BYTES, CHUNK_BYTES);
    products = new MatrixProducts(workspace);
    vocabularyRows = new VocabularyRows(device.handle, device.stream);
    inputs = new StepInputs(device.handle, device.stream);
    graphs = new StepGraphs(inputs, device.stream);
    meter = new GpuMeter(device, kernels, products, graphs);
    ops =
        new CudaOps(
            device,
            kernels,
            products,
            vocabularyRows,
            inputs,
            graphs,
            batchInvariant,
            workspace.allocate(CudaAttention.PARTS_BYTES));
  }

  /**
   * Opens a device; see {@link CudaProbe} for whether it can be.
   *
   * @param dtype type of activations and KV cache
   */
  public static CudaBackend open(int ordinal, DType dtype) {
    return open(ordinal, dtype, false, ColdReads.DIRECT);
  }

  /**
   * Opens a device.
   *
   * @param dtype type of activations and KV cache
   * @param batchInvariant results do not depend on what else is in the batch, bit for bit: plain
   *     kernels alone, many times slower
   * @param coldReads how files of weights are read that are not in the page cache
   */
  public static CudaBackend open(
      int ordinal, DType dtype, boolean batchInvariant, ColdReads coldReads) {
    return new CudaBackend(ordinal, dtype, batchInvariant, coldReads);
  }

  @Override
  public String description() {
    return device.description;
  }

  @Override
  public long freeBytes() {
    device.enter();
    return CudaMemory.memoryInfo().freeBytes();
  }

  @Override
  public int lookAhead() {
    return 1;
  }

  @Override
  public DType activationType() {
    return dtype;
  }

  @Override
  public Weight matrix(String name, DType wanted, List<WeightPart> parts) {
    return weights.matrix(name, wanted, parts);
  }

  @Override
  public Tensor vector(String name, List<WeightPart> parts) {
    return weights.vector(name, dtype, parts);
  }

  @Override
  public Tensor constant(String name, int rows, int cols, float[] values) {
    return weights.constant(rows, cols, values);
  }

  @Override
  public void loading(Runnable load) {
    weights.loading(load);
  }

  @Override
  public Tensor activation(String name, int rows, int cols) {
    return allocate(dtype, rows, cols);
  }

  @Override
  public Tensor logits(int rows, int cols) {
    weights.finish();
    logits = allocate(DType.F32, rows, cols);
    vocabularyRows.ensure(rows, cols);
    return logits;
  }

  private CudaTensor allocate(DType type, int rows, int cols) {
    device.enter();
    return new CudaTensor(workspace.allocate((long) rows * cols * type.bytes()), type, rows, cols);
  }

  @Override
  public long ownBytes(BatchLimits limits, int logitRows, int vocabulary, long tokens) {
    long batches = lookAhead() + 1;
    return CudaAttention.PARTS_BYTES
        + MatrixProducts.WORKSPACE_BYTES
        + VocabularyRows.bytes(logitRows, vocabulary)
        + batches * DeviceBatch.bytes(limits)
        + 2 * batches * SamplingInputs.bytes(limits, vocabulary, tokens)
        + batches * SamplingResults.bytes(limits)
        + KERNELS_BYTES;
  }

  @Override
  public KvCache kvCache(KvLayout layout, int blocks) {
    weights.finish();
    device.enter();
    kvTokens = (long) blocks * layout.blockTokens();
    return new CudaKvCache(layout, blocks, device.handle, device.stream);
  }

  @Override
  public Batch batch(BatchLimits limits) {
    device.enter();
    Batch batch = new Batch(limits);
    inputs.add(batch, logits == null ? 0 : logits.cols(), kvTokens);
    return batch;
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public int stepRows(int rows) {
    return StepInputs.stepRows(rows);
  }

  @Override
  public Step capture(StepPart part, int size, Runnable body) {
    return new CudaStep(graphs, part, size <= StepInputs.LARGEST_GRAPH_ROWS, body);
  }

  @Override
  public void upload(Batch batch) {
    device.enter();
    meter.stepBegins();
    inputs.upload(batch);
  }

  @Override
  public void uploadSampling(Batch batch) {
    inputs.uploadLate(batch);
  }

  /** Bytes of weights that were read past the page cache. */
  public long directBytes() {
    return weights.directBytes();
  }

  /** Its limits, and the time that kernels take. */
  public GpuMeter meter() {
    return meter;
  }

  @Override
  public void await(Batch batch) {
    inputs.await(batch);
  }

  @Override
  public float[] download(Tensor tensor) {
    device.enter();
    return ((CudaTensor) tensor).values(device.stream);
  }

  @Override
  public void write(Tensor tensor, float[] values) {
    device.finishSteps(); // those that use the tensor are on another stream than the loader's
    weights.write((CudaTensor) tensor, values);
  }

  @Override
  public void close() {
    device.finishSteps();
    graphs.close();
    inputs.close();
    products.close();
    vocabularyRows.close();
    workspace.close();
    weights.close();
    kernels.close();
    device.close();
  }
}
