package dev.quern.bench;

import static dev.quern.bench.Bounds.requireAtLeast;

import dev.quern.engine.CapacityException;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import java.util.ArrayDeque;
import java.util.List;

/**
 * How many requests and tokens an engine does in a second when it has all prompts at once, as
 * {@code vllm bench throughput}.
 */
public final class ThroughputBench {
  /**
   * vLLM's flags.
   *
   * @param inputLen tokens of each prompt
   * @param outputLen tokens generated for each
   */
  public record Options(int numPrompts, int inputLen, int outputLen, float temperature, long seed) {
    public Options {
      requireAtLeast("--num-prompts", numPrompts, 1);
      requireAtLeast("--input-len", inputLen, 1);
      requireAtLeast("--output-len", outputLen, 1);
    }
  }

  private ThroughputBench() {}

  public static ThroughputReport run(BenchTarget target, Options options)
      throws InterruptedException {
    List<int[]> prompts =
        RandomPrompts.of(
            options.numPrompts, options.inputLen, target.spec().vocabularySize(), options.seed);
    SamplingParams params =
        SamplingParams.builder()
            .temperature(options.temperature)
            .ignoreEos(true)
            .maxTokens(options.outputLen)
            .detokenize(false)
            .build();
    Limits before = target.limits().get();
    Totals totals = measure(target, prompts, params);
    Limits limits = before.mean(target.limits().get());
    List<KernelShare> kernels = null;
    if (target.profiler() != null) {
      target.profiler().start();
      measure(target, prompts, params);
      kernels = target.profiler().stop();
    }
    return new ThroughputReport(target, options, totals, limits, kernels);
  }

  /** What one run of all prompts took. */
  record Totals(
      double seconds, long promptTokens, long cachedTokens, long outputTokens, long steps) {}

  private static Totals measure(BenchTarget target, List<int[]> prompts, SamplingParams params)
      throws InterruptedException {
    long stepsBefore = target.engine().stats().steps();
    long start = System.nanoTime();
    ArrayDeque<Generation> waiting = new ArrayDeque<>();
    long promptTokens = 0;
    long outputTokens = 0;
    long cachedTokens = 0;
    int submitted = 0;
    while (submitted < prompts.size() || !waiting.isEmpty()) {
      if (submitted < prompts.size()) {
        Request request = new Request("bench-" + submitted, prompts.get(submitted), params, null);
        try {
          waiting.add(target.engine().submit(request, null));
          submitted++;
          continue;
        } catch (CapacityException full) {
          if (waiting.isEmpty()) throw full;
        }
      }
      GenerationResult result = waiting.remove().await();
      promptTokens += result.request().promptTokens().length;
      cachedTokens += result.cachedTokens();
      outputTokens += result.outputs().getFirst().tokens().length;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long steps = target.engine().stats().steps() - stepsBefore;
    return new Totals(seconds, promptTokens, cachedTokens, outputTokens, steps);
  }
}
