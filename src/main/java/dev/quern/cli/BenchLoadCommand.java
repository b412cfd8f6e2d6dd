package dev.quern.cli;

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
import picocli.CommandLine.Option;

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
    String machine = "";
    for (int i = 0; i < seconds.length; i++) {
      try (LoadedModel model = ModelCache.load(config, true)) {
        if (i == 0) model.summary().forEach(System.err::println);
        LoadReport report = model.report();
        storedBytes = report.storedBytes();
        seconds[i] = report.nanos() / 1e9;
        System.out.printf(Locale.ROOT, "load %d: %s%n", i + 1, report.summary());
        if (i == seconds.length - 1) {
          String rates = BenchOptions.limits(model.backend(), config.device().threads()).rates();
          machine = model.device() + "; " + rates;
        }
      }
    }
    System.out.printf("Machine: %s, measured in this run%n", machine);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", config.model().name());
    json.put("stored_bytes", storedBytes);
    json.put("seconds", seconds);
    json.put("machine", machine);
    BenchOptions.write(outputJson, json);
    return 0;
  }
}
