package dev.quern.backend.cpu;

import dev.quern.backend.Activation;
import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.Norm;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs the hot kernels on tiny data beside the loading of a model, so that the JVM compiles them
 * before they are needed: until it has, every vector is an object and a kernel a hundred times
 * slower. It ends by itself, and what it computes is thrown away.
 *
 * <p>Its memory, some 200 kB, is never given back: closing a shared arena makes the JVM throw away
 * compiled code that reads one.
 */
final class VectorWarmup {
  private static final long NANOS = 400_000_000;
  private static final int ROWS = 128;
  private static final int COLS = 256;
  private static final int[] BATCHES = {8, 32, 1, 4};
  private static final AtomicBoolean STARTED = new AtomicBoolean();

  private VectorWarmup() {}

  /** Starts it, once a process. */
  static void start() {
    if (STARTED.compareAndSet(false, true)) {
      Thread.ofPlatform().daemon().name("quern-cpu-warm-up").start(VectorWarmup::run);
    }
  }

  private static void run() {
    long end = System.nanoTime() + NANOS;
    CpuBackend backend = CpuBackend.vectors(new WorkerPool(1));
    Weight weight =
        backend.matrix(
            "warm-up", DType.BF16, List.of(new WeightPart.Random(ROWS, COLS, 1, 1, false)));
    Linear linear = new Linear(weight, null);
    Tensor x = backend.activation("x", 32, COLS);
    Tensor y = backend.activation("y", 32, ROWS);
    Tensor ones = backend.vector("ones", List.of(new WeightPart.Constant(1, COLS, 1)));
    Norm norm = new Norm(Norm.Kind.RMS, ones, null, 1e-6f, 0);
    while (System.nanoTime() < end) {
      for (int rows : BATCHES) {
        backend.ops().norm(x.rows(0, rows), x.rows(0, rows), norm);
        backend.ops().linear(y.rows(0, rows), x.rows(0, rows), linear);
        backend
            .ops()
            .gatedActivation(y.shape(rows, ROWS / 2), x.shape(rows, ROWS), Activation.SILU);
      }
    }
  }
}
