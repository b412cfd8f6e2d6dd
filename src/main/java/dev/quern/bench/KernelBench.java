package dev.quern.bench;

import dev.quern.backend.Backend;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The kernels of a GPU one by one, at the shapes of a decode step and of prompts: the time of each
 * op, and how near it is to the slower of what it must move and compute. An op is repeated on the
 * same data, so what fits the last cache comes from there and may seem faster than memory.
 */
public final class KernelBench {
  private static final int WARM_UPS = 3;
  private static final int RUNS = 20;

  private KernelBench() {}

  /**
   * @param profiler of {@code backend}
   * @param limits of {@code backend}
   */
  public static void run(
      Backend backend, BenchTarget.Profiler profiler, Limits limits, PrintStream out) {
    run(backend, profiler, limits, KernelSizes.QWEN, out);
  }

  static void run(
      Backend backend,
      BenchTarget.Profiler profiler,
      Limits limits,
      KernelSizes sizes,
      PrintStream out) {
    out.printf(
        "%s, %s; %s%n",
        backend.description(), backend.activationType().torchName(), limits.rates());
    List<KernelCase> cases = new ArrayList<>(RowCases.all(sizes, backend.activationType()));
    cases.addAll(AttentionCases.all(sizes, backend.activationType()));
    cases.addAll(WeightCases.all(sizes, backend.activationType()));
    cases.addAll(LogitCases.all(sizes));
    for (KernelCase one : cases) {
      print(one, measure(backend, profiler, one), limits, out);
    }
  }

  private static List<KernelShare> measure(
      Backend backend, BenchTarget.Profiler profiler, KernelCase one) {
    try (KernelCase.Prepared prepared = one.preparation().on(backend)) {
      backend.upload(prepared.batch());
      for (int i = 0; i < WARM_UPS; i++) {
        prepared.op().run();
      }
      profiler.start();
      backend.upload(prepared.batch()); // from here on times are taken
      for (int i = 0; i < RUNS; i++) {
        prepared.op().run();
      }
      return profiler.stop();
    }
  }

  private static void print(
      KernelCase one, List<KernelShare> shares, Limits limits, PrintStream out) {
    double seconds = 0;
    for (KernelShare share : shares) {
      seconds += share.seconds() / RUNS;
    }
    Work work = one.work();
    boolean moves = work.flops() / limits.flopsPerSecond() < work.bytes() / limits.bytesPerSecond();
    String rate =
        moves
            ? String.format(Locale.ROOT, "%8.2f TB/s   ", work.bytes() / seconds / 1e12)
            : String.format(Locale.ROOT, "%8.1f TFLOP/s", work.flops() / seconds / 1e12);
    String kernels =
        shares.stream()
            .map(
                share ->
                    String.format(
                        Locale.ROOT, "%s %.1f us", share.name(), share.seconds() / RUNS * 1e6))
            .collect(Collectors.joining(", "));
    out.printf(
        Locale.ROOT,
        "%-48s %10.1f us %s = %5.3f of the limit  %s%n",
        one.name(),
        1e6 * seconds,
        rate,
        work.leastSeconds(limits) / seconds,
        kernels);
  }
}
