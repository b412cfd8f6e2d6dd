package dev.quern.bench;

import static dev.quern.bench.Bounds.requireAtLeast;

import dev.quern.engine.SamplingParams;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * How long one batch takes from submit to the last token, over and over, as {@code vllm bench
 * latency}; and how near its prefill and its decode come to the machine's limits, which are
 * measured anew between any two runs because a shared machine's change by the minute.
 */
public final class LatencyBench {
  /**
   * vLLM's flags.
   *
   * @param inputLen tokens of each prompt
   * @param outputLen tokens generated for each
   * @param batchSize prompts at once
   */
  public record Options(
      int inputLen,
      int outputLen,
      int batchSize,
      int numItersWarmup,
      int numIters,
      float temperature,
      long seed) {
    public Options {
      requireAtLeast("--input-len", inputLen, 1);
      requireAtLeast("--output-len", outputLen, 1);
      requireAtLeast("--batch-size", batchSize, 1);
      requireAtLeast("--num-iters", numIters, 1);
      requireAtLeast("--num-iters-warmup", numItersWarmup, 0);
    }
  }

  private LatencyBench() {}

  /**
   * @param progress told of each iteration, or null
   */
  public static LatencyReport run(BenchTarget target, Options options, PrintStream progress)
      throws InterruptedException {
    SamplingParams params =
        SamplingParams.builder()
            .temperature(options.temperature)
            .ignoreEos(true)
            .maxTokens(options.outputLen)
            .detokenize(false)
            .build();
    List<int[]> prompts =
        RandomPrompts.of(
            options.batchSize, options.inputLen, target.spec().vocabularySize(), options.seed);
    ModelCost cost = target.cost();
    int maxTokensPerStep = target.engine().settings().maxNumBatchedTokens();
    for (int i = 0; i < options.numItersWarmup; i++) {
      double seconds = BatchTiming.run(target.engine(), prompts, params).seconds();
      if (progress != null)
        progress.printf("warm-up %d of %d: %.3f s%n", i + 1, options.numItersWarmup, seconds);
    }
    List<LatencyReport.Iteration> iterations = new ArrayList<>();
    Limits before = target.limits().get();
    for (int i = 0; i < options.numIters; i++) {
      BatchTiming timing = BatchTiming.run(target.engine(), prompts, params);
      Limits after = target.limits().get();
      Limits limits = before.mean(after);
      before = after;
      iterations.add(
          new LatencyReport.Iteration(
              timing.seconds(),
              timing.prefill(cost, maxTokensPerStep, limits),
              timing.decode(cost, limits),
              limits));
      if (progress != null)
        progress.printf("iteration %d of %d: %.3f s%n", i + 1, options.numIters, timing.seconds());
    }
    List<KernelShare> kernels = null;
    if (target.profiler() != null) {
      target.profiler().start();
      BatchTiming.run(target.engine(), prompts, params);
      kernels = target.profiler().stop();
    }
    return new LatencyReport(target, options, iterations, kernels);
  }
}
