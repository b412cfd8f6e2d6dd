package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.quern.backend.Attention;
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
import dev.quern.cuda.CudaDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * One NVIDIA GPU. Weights and workspace lie in ranges that are reserved once and backed as they
 * fill, the KV cache in one of its own. All work goes on one stream; decode steps are recorded as
 * graphs at padded sizes when they come a second time.
 *
 * <p>The thread that launches must have the context: {@link #upload} makes it current, so that the
 * engine's thread, which is not the one that loads, needs to know nothing.
 */
public final class CudaBackend implements Backend {
  private static final long WORKSPACE_RESERVED_BYTES = 64L << 30;
  private static final long CHUNK_BYTES = 32L << 20;
  private static final long ATTENTION_PARTS_BYTES = 16L << 20;
  private static final int MULTIPROCESSORS = 16; // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
  private static final int LARGEST_GRAPH_ROWS = 512;

  private final int device;
  private final long context;
  private final long stream;
  private final DType dtype;
  private final String description;
  private final int multiprocessors;
  private final KernelModule kernels;
  private final DeviceArena weights;
  private final DeviceArena workspace;
  private final MatrixProducts products;
  private final CudaOps ops;
  private final Map<Batch, DeviceBatch> inputs = new IdentityHashMap<>();
  private final Map<Batch, DeviceSampling> samplings = new IdentityHashMap<>();
  private CudaWeights loader;
  private CudaTensor logits;
  private long parts;
  private Batch current;
  private boolean recording;

  private CudaBackend(int ordinal, DType dtype) {
    this.dtype = dtype;
    device = CudaDriver.device(ordinal);
    context = CudaDriver.retainContext(device);
    CudaDriver.setContext(context);
    stream = CudaDriver.streamCreate();
    multiprocessors = CudaDriver.deviceAttribute(MULTIPROCESSORS, device);
    kernels = KernelModule.load();
    CudaDriver.MemoryInfo memory = CudaDriver.memoryInfo();
    weights = new DeviceArena(device, memory.totalBytes(), CHUNK_BYTES);
    workspace = new DeviceArena(device, WORKSPACE_RESERVED_BYTES, CHUNK_BYTES);
    products = new MatrixProducts(workspace);
    ops = new CudaOps(this, kernels, products, stream);
    description =
        "cuda:%d (%s, %.0f GiB)"
            .formatted(
                ordinal, CudaDriver.deviceName(device), memory.totalBytes() / (double) (1 << 30));
  }

  /**
   * Opens a device; see {@link CudaProbe} for whether it can be.
   *
   * @param dtype type of activations and KV cache
   */
  public static CudaBackend open(int ordinal, DType dtype) {
    return new CudaBackend(ordinal, dtype);
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public long freeBytes() {
    CudaDriver.setContext(context);
    return CudaDriver.memoryInfo().freeBytes();
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
    int rows = 0;
    for (WeightPart part : parts) {
      rows = Math.addExact(rows, part.rows());
    }
    int cols = parts.getFirst().cols();
    long address = weights.allocate((long) rows * cols * wanted.bytes());
    loader().place(address, wanted, parts);
    return new CudaWeight(address, wanted, rows, cols);
  }

  @Override
  public Tensor vector(String name, List<WeightPart> parts) {
    long length = 0;
    for (WeightPart part : parts) {
      length += (long) part.rows() * part.cols();
    }
    long address = weights.allocate(length * dtype.bytes());
    loader().place(address, dtype, parts);
    return new CudaTensor(address, dtype, 1, Math.toIntExact(length));
  }

  private CudaWeights loader() {
    CudaDriver.setContext(context);
    if (loader == null) {
      loader =
          new CudaWeights(device, context, kernels, stream, CudaDriver.memoryInfo().totalBytes());
    }
    return loader;
  }

  @Override
  public Tensor constant(String name, int rows, int cols, float[] values) {
    CudaDriver.setContext(context);
    long bytes = 4L * values.length;
    long address = weights.allocate(bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(4, bytes), 4);
      MemorySegment.copy(values, 0, copy, JAVA_FLOAT, 0, values.length);
      CudaDriver.copyToDevice(address, copy.address(), bytes, stream);
      CudaDriver.streamSynchronize(stream);
    }
    return new CudaTensor(address, DType.F32, rows, cols);
  }

  @Override
  public Tensor activation(String name, int rows, int cols) {
    return allocate(dtype, rows, cols);
  }

  @Override
  public Tensor logits(int rows, int cols) {
    finishLoading();
    logits = allocate(DType.F32, rows, cols);
    return logits;
  }

  private CudaTensor allocate(DType type, int rows, int cols) {
    CudaDriver.setContext(context);
    return new CudaTensor(workspace.allocate((long) rows * cols * type.bytes()), type, rows, cols);
  }

  /** An fp32 matrix of zeros in the workspace. */
  CudaTensor zeroed(String name, int rows, int cols) {
    CudaTensor tensor = allocate(DType.F32, rows, cols);
    CudaDriver.setBytes(tensor.address(), 0, 4L * rows * cols, stream);
    return tensor;
  }

  int logitRows() {
    return logits.rows();
  }

  int multiprocessors() {
    return multiprocessors;
  }

  /** Scratch for the partial sums of split attention. */
  long attentionParts(int rows, Attention a, int splits) {
    long bytes = 4L * rows * a.heads() * splits * (a.headDim() + 2);
    if (bytes > ATTENTION_PARTS_BYTES) {
      throw new IllegalStateException("attention parts take " + bytes + " bytes");
    }
    if (parts == 0) {
      parts = workspace.allocate(ATTENTION_PARTS_BYTES);
    }
    return parts;
  }

  /** Weights are in: the loader's pinned buffers and staging go back. */
  private void finishLoading() {
    if (loader != null) {
      CudaDriver.setContext(context);
      loader.close();
      loader = null;
      CudaDriver.streamSynchronize(stream);
    }
  }

  @Override
  public KvCache kvCache(KvLayout layout, int blocks) {
    finishLoading();
    CudaDriver.setContext(context);
    return new CudaKvCache(layout, blocks, device);
  }

  @Override
  public Batch batch(BatchLimits limits) {
    CudaDriver.setContext(context);
    Batch batch = new Batch(limits);
    inputs.put(batch, new DeviceBatch(batch, device));
    samplings.put(batch, new DeviceSampling(batch, device, logits == null ? 0 : logits.cols()));
    return batch;
  }

  DeviceBatch inputs(Batch batch) {
    return inputs.get(batch);
  }

  DeviceSampling sampling(Batch batch) {
    return samplings.get(batch);
  }

  @Override
  public Ops ops() {
    return ops;
  }

  /**
   * vLLM's graph sizes: 1, 2, 4, multiples of 8 to 256, of 16 to 512; larger steps run as they are.
   */
  @Override
  public int stepRows(int rows) {
    if (rows <= 2) {
      return rows;
    }
    if (rows <= 4) {
      return 4;
    }
    if (rows > LARGEST_GRAPH_ROWS) {
      return rows;
    }
    int multiple = rows <= 256 ? 8 : 16;
    return Math.ceilDiv(rows, multiple) * multiple;
  }

  int paddedRows(Batch batch) {
    return Math.min(stepRows(batch.tokens), batch.limits.maxTokens());
  }

  @Override
  public Step capture(int size, Runnable body) {
    return new CudaStep(this, size <= LARGEST_GRAPH_ROWS, body);
  }

  /** Whether the step now uploaded may be recorded or replayed. */
  boolean recordable() {
    return inputs.get(current).decodeOnly() && samplings.get(current).plain();
  }

  @Override
  public void upload(Batch batch) {
    CudaDriver.setContext(context);
    current = batch;
    inputs.get(batch).upload(paddedRows(batch), stream);
    uploadSampling(batch);
  }

  @Override
  public void uploadSampling(Batch batch) {
    int padded = Math.min(stepRows(batch.sampledRows), batch.limits.maxSequences());
    samplings.get(batch).upload(padded, stream);
  }

  /** Copies rows whose whole logprobs are wanted to the host while they are there. */
  void keepWholeRows(Batch batch, CudaTensor raw, int fromRow, int rows) {
    samplings.get(batch).keepWholeRows(raw, fromRow, rows, stream);
  }

  /** The last op of a step: its results travel to the host. */
  void resultsReady(Batch batch) {
    int padded = Math.min(stepRows(batch.sampledRows), batch.limits.maxSequences());
    samplings.get(batch).download(padded, stream);
    if (!recording) {
      samplings.get(batch).markDone(stream);
    }
  }

  /** Records what {@code body} launches as a graph. */
  long record(Runnable body) {
    recording = true;
    CudaDriver.captureBegin(stream);
    long recorded = 0;
    try {
      body.run();
    } finally {
      recording = false;
      recorded = CudaDriver.captureEnd(stream);
    }
    try {
      return CudaDriver.graphInstantiate(recorded);
    } finally {
      CudaDriver.graphDestroy(recorded);
    }
  }

  /** Launches a recorded part of the current step. */
  void replay(long graph) {
    CudaDriver.graphLaunch(graph, stream);
    samplings.get(current).markDone(stream);
  }

  @Override
  public void await(Batch batch) {
    DeviceSampling sampling = samplings.get(batch);
    if (batch.sampledRows == 0) {
      // Nothing was sampled, so no op closed the step.
      sampling.download(1, stream);
      sampling.markDone(stream);
    }
    sampling.awaitDone();
    sampling.read();
  }

  @Override
  public float[] download(Tensor tensor) {
    CudaTensor t = (CudaTensor) tensor;
    CudaDriver.setContext(context);
    long bytes = t.elements() * t.dtype().bytes();
    float[] values = new float[Math.toIntExact(t.elements())];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(4, bytes), 4);
      CudaDriver.copyToHost(copy.address(), t.address(), bytes, stream);
      CudaDriver.streamSynchronize(stream);
      for (int i = 0; i < values.length; i++) {
        values[i] =
            switch (t.dtype()) {
              case F32 -> copy.getAtIndex(JAVA_FLOAT, i);
              case F16 -> Float.float16ToFloat(copy.getAtIndex(JAVA_SHORT, i));
              case BF16 -> Float.intBitsToFloat(copy.getAtIndex(JAVA_SHORT, i) << 16);
            };
      }
    }
    return values;
  }

  @Override
  public void write(Tensor tensor, float[] values) {
    CudaTensor t = (CudaTensor) tensor;
    CudaDriver.setContext(context);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment copy = arena.allocate(Math.max(4, 4L * values.length), 4);
      MemorySegment.copy(values, 0, copy, JAVA_FLOAT, 0, values.length);
      loader()
          .place(
              t.address(),
              t.dtype(),
              List.of(WeightPart.Stored.whole(copy, DType.F32, t.rows(), t.cols())));
      CudaDriver.streamSynchronize(stream);
    }
  }

  @Override
  public void close() {
    CudaDriver.setContext(context);
    CudaDriver.streamSynchronize(stream);
    finishLoading();
    inputs.values().forEach(DeviceBatch::close);
    samplings.values().forEach(DeviceSampling::close);
    products.close();
    workspace.close();
    weights.close();
    kernels.close();
    CudaDriver.streamDestroy(stream);
    CudaDriver.releaseContext(device);
  }
}
