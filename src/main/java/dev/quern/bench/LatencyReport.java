package dev.quern.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** What a latency run found. Latencies as vLLM reports them, then each phase beside its limits. */
public record LatencyReport(
    BenchTarget target,
    LatencyBench.Options options,
    List<Iteration> iterations,
    List<KernelShare> kernels) {
  private static final int[] PERCENTILES = {10, 25, 50, 75, 90, 99};

  /**
   * @param seconds from the first submit to the last token
   * @param decode null where there was none
   */
  record Iteration(double seconds, Phase prefill, Phase decode, Limits limits) {}

  private double[] values(ToDoubleFunction<Iteration> value) {
    return iterations.stream().mapToDouble(value).toArray();
  }

  private PhaseReport prefill() {
    return new PhaseReport("Prefill", iterations.stream().map(Iteration::prefill).toList());
  }

  /** Null where there was none. */
  private PhaseReport decode() {
    List<Phase> phases =
        iterations.stream().map(Iteration::decode).filter(Objects::nonNull).toList();
    return phases.isEmpty() ? null : new PhaseReport("Decode", phases);
  }

  /** As text. */
  public void print(PrintStream out) {
    double[] latencies = values(Iteration::seconds);
    out.printf(Locale.ROOT, "Avg latency: %.6f seconds%n", Statistics.mean(latencies));
    for (int percent : PERCENTILES)
      out.printf(
          Locale.ROOT,
          "%d%% percentile latency: %.6f seconds%n",
          percent,
          Statistics.percentile(latencies, percent));
    out.printf(
        "%nModel: %s, %d × (%d in, %d out), median of %d iterations%n",
        target.model(),
        options.batchSize(),
        options.inputLen(),
        options.outputLen(),
        iterations.size());
    CostReport.printLimits(out, target.device(), limits());
    new CostReport(target, target.cost()).print(out);
    prefill().print(out);
    PhaseReport decode = decode();
    if (decode != null) decode.print(out);
    double[] tokens = values(i -> options.outputLen() * options.batchSize() / i.seconds());
    out.printf(Locale.ROOT, "Output: %.1f tokens/s%n", Statistics.median(tokens));
    roofline().print(out);
    if (kernels != null) KernelShare.print(kernels, out);
  }

  /** For a table. */
  public MarkdownTable.Row row() {
    double tokens =
        Statistics.median(values(i -> options.outputLen() * options.batchSize() / i.seconds()));
    PhaseReport decode = decode();
    String result =
        String.format(
            Locale.ROOT,
            "%,.0f output tokens/s, %.1f ms in all%s",
            tokens,
            1e3 * Statistics.median(values(Iteration::seconds)),
            decode == null
                ? ""
                : String.format(
                    Locale.ROOT, ", %.2f ms a decode step", 1e3 * decode.stepSeconds()));
    return new MarkdownTable.Row(
        result, roofline().fraction(), limits().summary(), target.device());
  }

  private Roofline roofline() {
    return new Roofline(
        target
            .cost()
            .least(
                options.batchSize(),
                options.inputLen(),
                options.outputLen(),
                options.batchSize(),
                limits()),
        Statistics.median(values(Iteration::seconds)));
  }

  /** The medians of all iterations. */
  private Limits limits() {
    return new Limits(
        Statistics.median(values(i -> i.limits().bytesPerSecond())),
        Statistics.median(values(i -> i.limits().flopsPerSecond())),
        iterations.getLast().limits().rates());
  }

  /** As JSON: vLLM's fields, then ours. */
  public Map<String, Object> json() {
    double[] latencies = values(Iteration::seconds);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("avg_latency", Statistics.mean(latencies));
    json.put("latencies", latencies);
    Map<String, Object> percentiles = new LinkedHashMap<>();
    for (int percent : PERCENTILES)
      percentiles.put("" + percent, Statistics.percentile(latencies, percent));
    json.put("percentiles", percentiles);
    json.put("model", target.model());
    json.put("input_len", options.inputLen());
    json.put("output_len", options.outputLen());
    json.put("batch_size", options.batchSize());
    json.put("machine", CostReport.limitsJson(target.device(), limits()));
    json.put("arithmetic", new CostReport(target, target.cost()).json());
    json.put("prefill", prefill().json());
    json.put("roofline", roofline().json());
    PhaseReport decode = decode();
    json.put("decode", decode == null ? null : decode.json());
    return json;
  }
}
