package dev.quern.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a throughput run found, and how near all of it together came to the machine's limits. */
public record ThroughputReport(
    BenchTarget target,
    ThroughputBench.Options options,
    double seconds,
    long promptTokens,
    long cachedTokens,
    long outputTokens,
    long steps,
    Limits limits) {

  private double requestsPerSecond() {
    return options.numPrompts() / seconds;
  }

  private double tokensPerSecond() {
    return (promptTokens + outputTokens) / seconds;
  }

  /** Of all requests, without what the prefix cache saved. */
  private Work work() {
    ModelCost cost = target.cost();
    int computed = options.inputLen() - (int) (cachedTokens / options.numPrompts());
    Work one = cost.prompt(computed);
    for (int k = 0; k < options.outputLen() - 1; k++)
      one = one.plus(cost.decodeToken(options.inputLen() + k));
    return one.times(options.numPrompts()).plus(cost.weights((int) steps));
  }

  private PhaseReport all() {
    int tokens = (int) (promptTokens - cachedTokens + outputTokens);
    return new PhaseReport("All", List.of(new Phase(seconds, tokens, (int) steps, work(), limits)));
  }

  /** As text. */
  public void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "Throughput: %.2f requests/s, %.2f total tokens/s, %.2f output tokens/s%n",
        requestsPerSecond(),
        tokensPerSecond(),
        outputTokens / seconds);
    out.printf("Total num prompt tokens:  %d%n", promptTokens);
    out.printf("Total num output tokens:  %d%n%n", outputTokens);
    CostReport.printLimits(out, target.device(), limits);
    new CostReport(target, target.cost()).print(out);
    all().print(out);
    roofline().print(out);
  }

  private Roofline roofline() {
    int atOnce = Math.min(options.numPrompts(), target.engine().settings().maxNumSeqs());
    int input = (int) ((promptTokens - cachedTokens) / options.numPrompts());
    return new Roofline(
        target.cost().least(options.numPrompts(), input, options.outputLen(), atOnce, limits),
        seconds);
  }

  /** As JSON: vLLM's fields, then ours. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("elapsed_time", seconds);
    json.put("num_requests", options.numPrompts());
    json.put("total_num_tokens", promptTokens + outputTokens);
    json.put("requests_per_second", requestsPerSecond());
    json.put("tokens_per_second", tokensPerSecond());
    json.put("output_tokens_per_second", outputTokens / seconds);
    json.put("prompt_tokens", promptTokens);
    json.put("cached_prompt_tokens", cachedTokens);
    json.put("output_tokens", outputTokens);
    json.put("model", target.model());
    json.put("machine", CostReport.limitsJson(target.device(), limits));
    json.put("arithmetic", new CostReport(target, target.cost()).json());
    json.put("all", all().json());
    json.put("roofline", roofline().json());
    return json;
  }
}
