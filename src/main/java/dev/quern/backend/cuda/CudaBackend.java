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
  private static final long WEIGHT_CHUNK_BYTES = 128L << 20;
  private static final long ATTENTION_PARTS_BYTES = 16L << 20;

  /** common.cuh */
  private static final int BLOCK_TOKENS = 16;

  /** The kernels' code, and rounding of every range to the driver's granularity. */
  private static final long KERNELS_BYTES = 64L << 20;

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
  private final long parts;
  private final VocabularyRows vocabularyRows;
  private long kvTokens;
  private Batch current;
  private boolean recording;

  /** More weights follow. */
  private boolean bulk;

  private volatile KernelTimes wantedTimes;
  private KernelTimes times;

  private CudaBackend(int ordinal, DType dtype) {
    this.dtype = dtype;
    device = CudaDriver.device(ordinal);
    context = CudaDriver.retainContext(device);
    CudaDriver.setContext(context);
    stream = CudaDriver.streamCreate();
    multiprocessors = CudaDriver.deviceAttribute(MULTIPROCESSORS, device);
    kernels = KernelModule.load();
    CudaDriver.MemoryInfo memory = CudaDriver.memoryInfo();
    weights = new DeviceArena(device, memory.totalBytes(), WEIGHT_CHUNK_BYTES);
    workspace = new DeviceArena(device, WORKSPACE_RESERVED_BYTES, CHUNK_BYTES);
    products = new MatrixProducts(workspace);
    parts = workspace.allocate(ATTENTION_PARTS_BYTES);
    vocabularyRows =
        new VocabularyRows(
            device, (address, bytes) -> CudaDriver.setBytes(address, 0, bytes, stream));
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
    place(address, wanted, parts);
    return new CudaWeight(address, wanted, rows, cols);
  }

  @Override
  public Tensor vector(String name, List<WeightPart> parts) {
    long length = 0;
    for (WeightPart part : parts) {
      length += (long) part.rows() * part.cols();
    }
    long address = weights.allocate(length * dtype.bytes());
    place(address, dtype, parts);
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
    vocabularyRows.ensure(rows, cols);
    return logits;
  }

  private CudaTensor allocate(DType type, int rows, int cols) {
    CudaDriver.setContext(context);
    return new CudaTensor(workspace.allocate((long) rows * cols * type.bytes()), type, rows, cols);
  }

  VocabularyRows vocabularyRows() {
    return vocabularyRows;
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
    return parts;
  }

  @Override
  public void loading(Runnable load) {
    bulk = true;
    try {
      load.run();
    } finally {
      bulk = false;
      finishLoading();
    }
  }

  /** Brings parts to their place; waits for the host's memory to be read unless more is to come. */
  private void place(long address, DType type, List<WeightPart> parts) {
    CudaWeights loader = loader();
    loader.place(address, type, parts);
    if (!bulk) {
      loader.flush();
    }
  }

  @Override
  public long ownBytes(BatchLimits limits, int logitRows, int vocabulary, long tokens) {
    long batches = lookAhead() + 1;
    return ATTENTION_PARTS_BYTES
        + MatrixProducts.WORKSPACE_BYTES
        + VocabularyRows.bytes(logitRows, vocabulary)
        + batches * DeviceBatch.bytes(limits)
        + 2 * batches * DeviceSampling.inputBytes(limits, vocabulary, tokens)
        + batches * DeviceSampling.outputBytes(limits)
        + KERNELS_BYTES;
  }

  /** Weights are in: the loader's pinned buffers and staging go back. */
  private void finishLoading() {
    if (loader != null) {
      CudaDriver.setContext(context);
      loader.flush();
      CudaDriver.streamSynchronize(stream);
      loader.close();
      loader = null;
    }
  }

  @Override
  public KvCache kvCache(KvLayout layout, int blocks) {
    if (layout.blockTokens() != BLOCK_TOKENS) {
      throw new IllegalArgumentException(
          "the CUDA kernels take KV blocks of %d tokens, not %d: leave --block-size alone"
              .formatted(BLOCK_TOKENS, layout.blockTokens()));
    }
    finishLoading();
    CudaDriver.setContext(context);
    kvTokens = (long) blocks * layout.blockTokens();
    return new CudaKvCache(layout, blocks, device, stream);
  }

  @Override
  public Batch batch(BatchLimits limits) {
    CudaDriver.setContext(context);
    Batch batch = new Batch(limits);
    inputs.put(batch, new DeviceBatch(batch, device));
    samplings.put(
        batch, new DeviceSampling(batch, device, logits == null ? 0 : logits.cols(), kvTokens));
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
  public Step capture(StepPart part, int size, Runnable body) {
    return new CudaStep(this, part, size <= LARGEST_GRAPH_ROWS, body);
  }

  /** Whether this part of the step now uploaded may be recorded or replayed. */
  boolean recordable(StepPart part) {
    return times == null
        && switch (part) {
          case FORWARD -> inputs.get(current).decodeOnly();
          case SAMPLE -> samplings.get(current).plain();
        };
  }

  @Override
  public void upload(Batch batch) {
    CudaDriver.setContext(context);
    current = batch;
    times = wantedTimes;
    kernels.times(times);
    products.times(times);
    inputs.get(batch).upload(paddedRows(batch), stream);
    samplings.get(batch).upload(paddedSamples(batch), stream);
  }

  @Override
  public void uploadSampling(Batch batch) {
    samplings.get(batch).uploadLate(paddedSamples(batch), stream);
  }

  private int paddedSamples(Batch batch) {
    return Math.min(stepRows(batch.sampledRows), batch.limits.maxSequences());
  }

  /** Copies rows whose whole logprobs are wanted to the host while they are there. */
  void keepWholeRows(Batch batch, CudaTensor raw, int fromRow, int rows) {
    samplings.get(batch).keepWholeRows(raw, fromRow, rows, stream);
  }

  /** The last op of a step: its results travel to the host. */
  void resultsReady(Batch batch) {
    samplings.get(batch).download(paddedSamples(batch), stream);
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
  void replay(StepPart part, long graph) {
    CudaDriver.graphLaunch(graph, stream);
    if (part == StepPart.SAMPLE) {
      samplings.get(current).markDone(stream);
    }
  }

  /** From the next step on the time of each kernel is taken. */
  public void startProfile() {
    wantedTimes = new KernelTimes();
  }

  /** Time by kernel since {@link #startProfile}; no step may be running. */
  public List<KernelTime> stopProfile() {
    CudaDriver.setContext(context);
    CudaDriver.streamSynchronize(stream);
    KernelTimes taken = wantedTimes;
    wantedTimes = null;
    return taken.finish();
  }

  /** Measures the device; no step may be running. */
  public GpuLimits limits() {
    CudaDriver.setContext(context);
    return GpuLimits.measure(device, kernels, multiprocessors);
  }

  @Override
  public void await(Batch batch) {
    DeviceSampling sampling = samplings.get(batch);
    if (!sampling.marked()) {
      // No op closed the step: nothing was sampled, or no logprob of a sampled token wanted.
      sampling.download(Math.max(1, paddedSamples(batch)), stream);
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
      place(
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
    vocabularyRows.close();
    workspace.close();
    weights.close();
    kernels.close();
    CudaDriver.streamDestroy(stream);
    CudaDriver.releaseContext(device);
  }
}
