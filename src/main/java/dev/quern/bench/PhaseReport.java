package dev.quern.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** One phase over all iterations: medians, and the arithmetic behind its ratios. */
record PhaseReport(String name, List<Phase> phases) {
  private double median(ToDoubleFunction<Phase> value) {
    double[] values = new double[phases.size()];
    for (int i = 0; i < values.length; i++) values[i] = value.applyAsDouble(phases.get(i));
    return Statistics.median(values);
  }

  double stepSeconds() {
    return median(p -> p.seconds() / p.steps());
  }

  private double best(ToDoubleFunction<Phase> value) {
    double best = 0;
    for (Phase phase : phases) best = Math.max(best, value.applyAsDouble(phase));
    return best;
  }

  void print(PrintStream out) {
    double seconds = median(Phase::seconds);
    double bytes = median(p -> p.work().bytes());
    double flops = median(p -> p.work().flops());
    double gigabytesPerSecond = median(p -> p.work().bytes() / p.seconds() / 1e9);
    double gigaflopsPerSecond = median(p -> p.work().flops() / p.seconds() / 1e9);
    out.printf(
        Locale.ROOT,
        "%s: %.0f tokens in %.0f steps, %.4f s (%.2f ms a step): %.1f tokens/s%n",
        name,
        median(Phase::tokens),
        median(Phase::steps),
        seconds,
        1e3 * stepSeconds(),
        median(Phase::tokensPerSecond));
    out.printf(
        Locale.ROOT,
        "  moves %.3f GB: %.2f GB/s = %.3f of the bandwidth%n",
        bytes / 1e9,
        gigabytesPerSecond,
        median(Phase::ofBandwidth));
    out.printf(
        Locale.ROOT,
        "  computes %.2f GFLOP: %.1f GFLOP/s = %.3f of the arithmetic%n",
        flops / 1e9,
        gigaflopsPerSecond,
        median(Phase::ofFma));
    double ofLimit = median(Phase::ofLimit);
    boolean byBytes = median(Phase::ofBandwidth) >= median(Phase::ofFma);
    out.printf(
        Locale.ROOT,
        "  %.3f of the slower limit (%s); in the best iteration %.3f%n",
        ofLimit,
        byBytes ? "bandwidth" : "arithmetic",
        best(Phase::ofLimit));
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("tokens", median(Phase::tokens));
    json.put("steps", median(Phase::steps));
    json.put("seconds", median(Phase::seconds));
    json.put("tokens_per_second", median(Phase::tokensPerSecond));
    json.put("bytes", median(p -> p.work().bytes()));
    json.put("flops", median(p -> p.work().flops()));
    json.put("bytes_per_second", median(p -> p.work().bytes() / p.seconds()));
    json.put("flops_per_second", median(p -> p.work().flops() / p.seconds()));
    json.put("of_bandwidth", median(Phase::ofBandwidth));
    json.put("of_fma", median(Phase::ofFma));
    json.put("of_slower_limit", median(Phase::ofLimit));
    json.put("best_of_slower_limit", best(Phase::ofLimit));
    return json;
  }
}
