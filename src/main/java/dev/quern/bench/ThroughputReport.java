package dev.quern.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a throughput run found, and how near all of it together came to the machine's limits.
 *
 * @param limits of one device
 * @param kernels the time by kernel of another run, on the first device; null where it was not
 *     asked for
 */
public record ThroughputReport(
    BenchTarget target,
    ThroughputBench.Options options,
    ThroughputBench.Totals totals,
    Limits limits,
    List<KernelShare> kernels) {

  private double requestsPerSecond() {
    return options.numPrompts() / totals.seconds();
  }

  private double tokensPerSecond() {
    return (totals.promptTokens() + totals.outputTokens()) / totals.seconds();
  }

  /** Of all requests, without what the prefix cache saved. */
  private Work work() {
    ModelCost cost = target.cost();
    int computed = options.inputLen() - (int) (totals.cachedTokens() / options.numPrompts());
    Work one = cost.prompt(computed);
    for (int k = 0; k < options.outputLen() - 1; k++)
      one = one.plus(cost.decodeToken(options.inputLen() + k));
    return one.times(options.numPrompts()).plus(cost.weights((int) totals.steps()));
  }

  private PhaseReport all() {
    int tokens = (int) (totals.promptTokens() - totals.cachedTokens() + totals.outputTokens());
    return new PhaseReport(
        "All",
        List.of(
            new Phase(
                totals.seconds(),
                tokens,
                (int) totals.steps(),
                work(),
                limits.times(target.devices()))));
  }

  /** As text. */
  public void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "Throughput: %.2f requests/s, %.2f total tokens/s, %.2f output tokens/s%n",
        requestsPerSecond(),
        tokensPerSecond(),
        totals.outputTokens() / totals.seconds());
    out.printf("Total num prompt tokens:  %d%n", totals.promptTokens());
    out.printf("Total num output tokens:  %d%n%n", totals.outputTokens());
    CostReport.printLimits(out, target.device(), limits);
    new CostReport(target, target.cost()).print(out);
    all().print(out);
    roofline().print(out);
    if (kernels != null) KernelShare.print(kernels, out);
  }

  /** For a table. */
  public MarkdownTable.Row row() {
    String result =
        String.format(
            Locale.ROOT,
            "%.1f requests/s, %,.0f output tokens/s",
            requestsPerSecond(),
            totals.outputTokens() / totals.seconds());
    String each = target.devices() == 1 ? "" : " each";
    return new MarkdownTable.Row(
        result, roofline().fraction(), limits.summary() + each, target.device());
  }

  /** Of a device that has its share of the prompts. */
  private Roofline roofline() {
    int prompts = Math.ceilDiv(options.numPrompts(), target.devices());
    int atOnce = Math.min(prompts, target.engine().settings().maxNumSeqs() / target.devices());
    int input = (int) ((totals.promptTokens() - totals.cachedTokens()) / options.numPrompts());
    return new Roofline(
        target.cost().least(prompts, input, options.outputLen(), atOnce, limits), totals.seconds());
  }

  /** As JSON: vLLM's fields, then ours. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("elapsed_time", totals.seconds());
    json.put("num_requests", options.numPrompts());
    json.put("total_num_tokens", totals.promptTokens() + totals.outputTokens());
    json.put("requests_per_second", requestsPerSecond());
    json.put("tokens_per_second", tokensPerSecond());
    json.put("output_tokens_per_second", totals.outputTokens() / totals.seconds());
    json.put("prompt_tokens", totals.promptTokens());
    json.put("cached_prompt_tokens", totals.cachedTokens());
    json.put("output_tokens", totals.outputTokens());
    json.put("model", target.model());
    json.put("machine", CostReport.limitsJson(target.device(), limits));
    json.put("arithmetic", new CostReport(target, target.cost()).json());
    json.put("all", all().json());
    json.put("roofline", roofline().json());
    return json;
  }
}
