package dev.quern.backend.cpu;

import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.WeightPart;
import java.util.List;

/** Times single products at the shapes of a small model; for tuning, run by hand. */
final class CpuSpeed {
  private CpuSpeed() {}

  /** CPU time of one thread, or wall time of several. */
  private static long clock(int threads) {
    return threads == 1
        ? java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()
        : System.nanoTime();
  }

  public static void main(String[] args) {
    int threads = Integer.parseInt(args[0]);
    int k = Integer.parseInt(args[1]);
    int n = Integer.parseInt(args[2]);
    DType dtype = DType.valueOf(args[3]);
    WorkerPool pool = new WorkerPool(threads);
    ScalarOps ops = new VectorOps(pool);
    try (CpuBackend backend = CpuBackend.scalar(threads)) {
      int copies = (int) Math.max(1, 400_000_000L / ((long) n * k * 2));
      Linear[] weights = new Linear[copies];
      for (int i = 0; i < copies; i++) {
        weights[i] =
            new Linear(
                backend.matrix("w", dtype, List.of(new WeightPart.Random(n, k, i, 0.05f, false))),
                null);
      }
      for (int i = 4; i < args.length; i++) {
        int rows = Integer.parseInt(args[i]);
        CpuTensor x = (CpuTensor) backend.activation("x", rows, k);
        CpuTensor y = (CpuTensor) backend.activation("y", rows, n);
        for (int j = 0; j < rows * k; j++) {
          x.set(0, 0, 0);
          x.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, j, (j % 17 - 8) * 0.1f);
        }
        double best = 1e9;
        int runs = Math.max(3, (int) (copies * 8L / rows));
        for (int repeat = 0; repeat < 9; repeat++) {
          long start = clock(threads);
          for (int r = 0; r < runs; r++) {
            ops.linear(y, x, weights[r % copies]);
          }
          best = Math.min(best, (clock(threads) - start) * 1e-9 / runs);
        }
        System.out.printf(
            "%d threads %s M=%d K=%d N=%d: %.1f GFLOP/s, %.1f GB/s%n",
            threads,
            dtype,
            rows,
            k,
            n,
            2e-9 * rows * k * n / best,
            1e-9 * n * k * dtype.bytes() / best);
      }
    }
    pool.close();
  }
}
