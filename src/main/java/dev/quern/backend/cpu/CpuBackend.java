package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The CPU: all cores, memory outside the heap, steps that are just run. Weights keep their type in
 * memory; activations are fp32.
 *
 * <p>Tensors and weights live until {@link #close}; using one afterwards is an error.
 */
public final class CpuBackend implements Backend {
  private final Arena arena = Arena.ofShared();
  private final WorkerPool pool;
  private final WeightPacker packer;
  private final Ops ops;
  private final String description;

  private CpuBackend(WorkerPool pool, Ops ops, String width) {
    this.pool = pool;
    this.ops = ops;
    packer = new WeightPacker(arena, pool);
    int threads = pool.workers();
    description = "cpu (" + threads + (threads == 1 ? " thread, " : " threads, ") + width + ")";
  }

  /**
   * The fast ops where the JVM runs with {@code --add-modules jdk.incubator.vector}; else the plain
   * ones, with one warning.
   *
   * @param threads threads that compute, 0 for one a core
   */
  public static CpuBackend create(int threads) {
    if (!hasVectors()) {
      SlowWarning.give();
      return scalar(threads);
    }
    return VectorFactory.create(threads);
  }

  /** Apart from the rest, so that nothing of the Vector API is loaded where it is missing. */
  private static final class VectorFactory {
    static CpuBackend create(int threads) {
      VectorWarmup.start();
      return vectors(new WorkerPool(cores(threads)));
    }
  }

  /** The fast ops; only where the Vector API is. */
  static CpuBackend vectors(WorkerPool pool) {
    return new CpuBackend(pool, new VectorOps(pool), VectorOps.width());
  }

  /** The plain ops, which are the oracle of the fast ones. */
  public static CpuBackend scalar(int threads) {
    WorkerPool pool = new WorkerPool(cores(threads));
    return new CpuBackend(pool, new ScalarOps(pool), "scalar");
  }

  static boolean hasVectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  static int cores(int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("threads must not be negative, got " + threads);
    }
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public long freeBytes() {
    return AvailableMemory.bytes();
  }

  @Override
  public int lookAhead() {
    return 0;
  }

  @Override
  public Weight matrix(String name, DType dtype, List<WeightPart> parts) {
    return packer.pack(name, dtype, parts);
  }

  @Override
  public Tensor vector(String name, List<WeightPart> parts) {
    float[] values = WeightPacker.vector(name, parts);
    return constant(name, 1, values.length, values);
  }

  @Override
  public Tensor constant(String name, int rows, int cols, float[] values) {
    if ((long) rows * cols != values.length) {
      throw new IllegalArgumentException(
          name + ": [" + rows + "," + cols + "] from " + values.length + " values");
    }
    CpuTensor tensor = allocate(rows, cols);
    MemorySegment.copy(values, 0, tensor.data(), JAVA_FLOAT, 0, values.length);
    return tensor;
  }

  @Override
  public Tensor activation(String name, int rows, int cols) {
    return allocate(rows, cols);
  }

  private CpuTensor allocate(int rows, int cols) {
    long bytes = Math.multiplyExact((long) rows * cols, (long) Float.BYTES);
    return new CpuTensor(NativeMemory.allocate(arena, bytes), 0, rows, cols);
  }

  @Override
  public KvCache kvCache(KvLayout layout, int blocks) {
    return new CpuKvCache(layout, blocks);
  }

  @Override
  public Batch batch(BatchLimits limits) {
    return new Batch(limits);
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public Step capture(StepPart part, int size, Runnable body) {
    return body::run;
  }

  @Override
  public void upload(Batch batch) {}

  @Override
  public void await(Batch batch) {}

  @Override
  public float[] download(Tensor tensor) {
    CpuTensor source = (CpuTensor) tensor;
    float[] values = new float[Math.multiplyExact(source.rows(), source.cols())];
    MemorySegment.copy(
        source.data(), JAVA_FLOAT, source.offset() * Float.BYTES, values, 0, values.length);
    return values;
  }

  @Override
  public void write(Tensor tensor, float[] values) {
    CpuTensor to = (CpuTensor) tensor;
    MemorySegment.copy(values, 0, to.data(), JAVA_FLOAT, to.offset() * Float.BYTES, values.length);
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      pool.close();
      arena.close();
    }
  }

  /** Says once a process that the fast ops are missing; no logging may be set up yet. */
  private static final class SlowWarning {
    private static final AtomicBoolean GIVEN = new AtomicBoolean();

    static void give() {
      if (GIVEN.compareAndSet(false, true)) {
        System.err.println(
            "quern: the JVM runs without --add-modules jdk.incubator.vector; the CPU backend uses"
                + " its plain loops and is many times slower");
      }
    }
  }
}
