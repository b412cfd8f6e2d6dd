package dev.quern.cli;

import dev.quern.backend.cuda.CudaBackend;
import dev.quern.bench.MarkdownTable;
import dev.quern.bench.Statistics;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.checkpoint.LoadReport;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How fast weights come in. */
@Command(
    name = "load",
    abbreviateSynopsis = true,
    description = {
      "Loads the model's weights over and over: seconds and GB/s, beside what the machine allows.",
      "The first time may read the disk; later ones find the files in the page cache.%n"
    })
final class BenchLoadCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions("Chat", "Server");

  @Mixin CommonOptions common;

  @Option(
      names = "--num-iters",
      paramLabel = "<n>",
      defaultValue = "3",
      description = "loads; default 3")
  int numIters;

  @Option(
      names = "--output-json",
      paramLabel = "<path>",
      description = "write the result there as JSON too")
  Path outputJson;

  @Option(
      names = "--markdown",
      paramLabel = "<path>",
      description = "add the result there as a row of a table, with command, machine and date")
  Path markdown;

  @Spec CommandSpec spec;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() throws IOException {
    settings.set("skip-tokenizer-init", "true");
    QuernConfig config = settings.load();
    double[] seconds = new double[Math.max(1, numIters)];
    long storedBytes = 0;
    for (int i = 0; i < seconds.length; i++) {
      try (LoadedModel model = ModelCache.load(config, true)) {
        if (i == 0) {
          System.out.printf(
              Locale.ROOT, "Ready %.2f s after the process began%n", ProcessAge.seconds());
          model.summary().forEach(System.err::println);
        }
        LoadReport report = model.report();
        storedBytes = report.storedBytes();
        seconds[i] = report.nanos() / 1e9;
        System.out.printf(Locale.ROOT, "load %d: %s%n", i + 1, report.summary());
        if (i == seconds.length - 1) report(config, model, storedBytes, seconds);
      }
    }
    return 0;
  }

  private void report(QuernConfig config, LoadedModel model, long storedBytes, double[] seconds)
      throws IOException {
    String rates = BenchOptions.limits(model.backends(), config.device().threads()).rates();
    System.out.printf("Machine: %s; %s, measured in this run%n", model.device(), rates);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", config.model().name());
    json.put("stored_bytes", storedBytes);
    json.put("seconds", seconds);
    json.put("machine", model.device() + "; " + rates);
    if (model.backend() instanceof CudaBackend gpu && storedBytes > 0) {
      double pinned = gpu.pinnedBytesPerSecond();
      double median = Statistics.median(seconds);
      double rate = storedBytes / median;
      System.out.printf(
          Locale.ROOT,
          "Median: %.3f s, %.1f GB/s = %.3f of the %.1f GB/s of pinned memory%n",
          median,
          rate / 1e9,
          rate / pinned,
          pinned / 1e9);
      json.put("pinned_bytes_per_second", pinned);
      if (markdown != null)
        MarkdownTable.append(
            markdown,
            BenchOptions.arguments(spec, markdown),
            new MarkdownTable.Row(
                String.format(
                    Locale.ROOT,
                    "%.1f GB in %.3f s, median of %d: %.1f GB/s",
                    storedBytes / 1e9,
                    median,
                    seconds.length,
                    rate / 1e9),
                rate / pinned,
                String.format(Locale.ROOT, "pinned %.1f GB/s", pinned / 1e9),
                model.device()));
    }
    BenchOptions.write(outputJson, json);
  }
}
