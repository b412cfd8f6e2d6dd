package dev.quern.cli;

import dev.quern.bench.ThroughputBench;
import dev.quern.bench.ThroughputReport;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much is done when there is always more to do. */
@Command(
    name = "throughput",
    abbreviateSynopsis = true,
    description = {
      "Gives the engine all of its random prompts at once: requests and tokens per second, beside",
      "this machine's memory bandwidth and FMA rate, measured before and after.%n"
    })
final class BenchThroughputCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions("Chat", "Server");

  @Mixin CommonOptions common;
  @Mixin BenchOptions bench;

  @Option(
      names = {"--input-len", "--random-input-len"},
      paramLabel = "<n>",
      defaultValue = "1024",
      description = "tokens of each prompt; default 1024")
  int inputLen;

  @Option(
      names = {"--output-len", "--random-output-len"},
      paramLabel = "<n>",
      defaultValue = "128",
      description = "tokens generated for each; default 128")
  int outputLen;

  @Option(
      names = "--num-prompts",
      paramLabel = "<n>",
      defaultValue = "1000",
      description = "prompts in all; default 1000")
  int numPrompts;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    return bench.run(
        settings,
        (target, seed) -> {
          ThroughputReport report =
              ThroughputBench.run(
                  target,
                  new ThroughputBench.Options(
                      numPrompts, inputLen, outputLen, bench.temperature, seed));
          report.print(System.out);
          return new BenchOptions.Result(report.json(), report.row());
        });
  }
}
