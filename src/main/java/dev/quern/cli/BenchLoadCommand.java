package dev.quern.cli;

import dev.quern.backend.cuda.CudaBackend;
import dev.quern.bench.MarkdownTable;
import dev.quern.bench.Statistics;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.checkpoint.LoadReport;
import dev.quern.files.DiskRate;
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
      "The first time may read the disk; later ones find the files in the page cache, unless --cold"
          + " takes them out of it; --cold-reads says how they are read then.%n"
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
      names = "--cold",
      description =
          "take the files out of the page cache before each load (Linux), and measure the disk too")
  boolean cold;

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
    ColdFiles files = cold ? ColdFiles.of(config) : null;
    double[] seconds = new double[Math.max(1, numIters)];
    double[] disk = new double[seconds.length];
    for (int i = 0; i < seconds.length; i++) {
      String before = cold ? ", " + files.drop() : "";
      try (LoadedModel model = ModelCache.load(config, true)) {
        if (i == 0) {
          System.out.printf(
              Locale.ROOT, "Ready %.2f s after the process began%n", ProcessAge.seconds());
          model.summary().forEach(System.err::println);
        }
        LoadReport report = model.report();
        seconds[i] = report.nanos() / 1e9;
        System.out.printf(Locale.ROOT, "load %d: %s%s%n", i + 1, report.summary(), before);
        if (cold) {
          disk[i] = disk(model, files.rate());
        }
        if (i == seconds.length - 1) {
          report(config, model, seconds, cold ? Statistics.median(disk) : 0);
        }
      }
    }
    return 0;
  }

  /** Bytes a second of the disk, just after a load. */
  private static double disk(LoadedModel model, DiskRate rate) {
    String direct =
        model.backend() instanceof CudaBackend gpu
            ? String.format(
                Locale.ROOT, "%.3f GB of the load read directly; ", gpu.directBytes() / 1e9)
            : "";
    System.out.printf(
        Locale.ROOT,
        "  %sthe files alone then come in at %.2f GB/s, %.3f of %.3f GB directly%n",
        direct,
        rate.bytesPerSecond() / 1e9,
        rate.directBytes() / 1e9,
        rate.bytes() / 1e9);
    return rate.bytesPerSecond();
  }

  /**
   * Sums up.
   *
   * @param disk bytes a second of the disk that cold files are on; 0 where they are not cold
   */
  private void report(QuernConfig config, LoadedModel model, double[] seconds, double disk)
      throws IOException {
    long storedBytes = model.report().storedBytes();
    String rates = BenchOptions.limits(model.backends(), config.device().threads()).rates();
    System.out.printf("Machine: %s; %s, measured in this run%n", model.device(), rates);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", config.model().name());
    json.put("stored_bytes", storedBytes);
    json.put("seconds", seconds);
    json.put("machine", model.device() + "; " + rates);
    double limit = Double.POSITIVE_INFINITY;
    String name = "";
    if (model.backend() instanceof CudaBackend gpu && storedBytes > 0) {
      limit = gpu.meter().pinnedBytesPerSecond();
      name = "pinned memory";
      json.put("pinned_bytes_per_second", limit);
    }
    if (cold) {
      json.put("disk_bytes_per_second", disk);
      if (disk < limit) {
        limit = disk;
        name = "the disk";
      }
    }
    if (!name.isEmpty()) {
      compare(model, seconds, limit, name);
    }
    BenchOptions.write(outputJson, json);
  }

  private void compare(LoadedModel model, double[] seconds, double limit, String name)
      throws IOException {
    long storedBytes = model.report().storedBytes();
    double median = Statistics.median(seconds);
    double rate = storedBytes / median;
    System.out.printf(
        Locale.ROOT,
        "Median: %.3f s, %.2f GB/s = %.3f of the %.2f GB/s of %s%n",
        median,
        rate / 1e9,
        rate / limit,
        limit / 1e9,
        name);
    if (markdown != null)
      MarkdownTable.append(
          markdown,
          BenchOptions.arguments(spec, markdown),
          new MarkdownTable.Row(
              String.format(
                  Locale.ROOT,
                  "%.1f GB in %.3f s, median of %d: %.2f GB/s",
                  storedBytes / 1e9,
                  median,
                  seconds.length,
                  rate / 1e9),
              rate / limit,
              String.format(Locale.ROOT, "%s %.2f GB/s", name, limit / 1e9),
              model.device()));
  }
}
