package dev.quern.cli;

import dev.quern.bench.LatencyBench;
import dev.quern.bench.LatencyReport;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long one batch takes. */
@Command(
    name = "latency",
    abbreviateSynopsis = true,
    description = {
      "Runs one batch of random prompts over and over: latency, prefill and decode, each beside",
      "this machine's memory bandwidth and FMA rate, measured between the runs.%n"
    })
final class BenchLatencyCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions("Chat", "Server");

  @Mixin CommonOptions common;
  @Mixin BenchOptions bench;

  @Option(
      names = "--input-len",
      paramLabel = "<n>",
      defaultValue = "32",
      description = "tokens of each prompt; default 32")
  int inputLen;

  @Option(
      names = "--output-len",
      paramLabel = "<n>",
      defaultValue = "128",
      description = "tokens generated for each; default 128")
  int outputLen;

  @Option(
      names = "--batch-size",
      paramLabel = "<n>",
      defaultValue = "8",
      description = "prompts at once; default 8")
  int batchSize;

  @Option(
      names = "--num-iters-warmup",
      paramLabel = "<n>",
      defaultValue = "10",
      description = "runs that do not count; default 10")
  int numItersWarmup;

  @Option(
      names = "--num-iters",
      paramLabel = "<n>",
      defaultValue = "30",
      description = "runs that count; default 30")
  int numIters;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    // Every run has the same prompts: the prefix cache would have them after the first.
    if (settings.get("enable-prefix-caching") == null)
      settings.set("enable-prefix-caching", "false");
    return bench.run(
        settings,
        (target, seed) -> {
          LatencyReport report =
              LatencyBench.run(
                  target,
                  new LatencyBench.Options(
                      inputLen,
                      outputLen,
                      batchSize,
                      numItersWarmup,
                      numIters,
                      bench.temperature,
                      seed),
                  System.err);
          report.print(System.out);
          return new BenchOptions.Result(report.json(), report.row());
        });
  }
}
