package dev.quern.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.quern.backend.cpu.MachineLimits;
import dev.quern.bench.BenchTarget;
import dev.quern.bench.Limits;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** What both measurements take. */
final class BenchOptions {
  @Option(
      names = "--temperature",
      paramLabel = "<t>",
      defaultValue = "1",
      description = "of the sampling; 0 = greedy; default 1")
  float temperature;

  @Option(
      names = "--output-json",
      paramLabel = "<path>",
      description = "write the result there as JSON too")
  Path outputJson;

  /** What a measurement does with a loaded model. */
  interface Measurement {
    Map<String, Object> run(BenchTarget target, long seed) throws InterruptedException;
  }

  /**
   * Loads the model, its dummy weights with pages of their own and without a tokenizer, and writes
   * the JSON.
   */
  int run(SettingsOptions settings, Measurement measurement)
      throws IOException, InterruptedException {
    settings.set("skip-tokenizer-init", "true");
    QuernConfig config = settings.load();
    try (LoadedModel model = ModelCache.load(config, true)) {
      for (String line : model.summary()) System.err.println(line);
      BenchTarget target =
          new BenchTarget(
              config.model().name(),
              model.device(),
              model.engine(),
              model.spec(),
              model.kvDtype(),
              () -> measured(MachineLimits.measure(config.device().threads())));
      Map<String, Object> json = measurement.run(target, config.engine().seed());
      if (outputJson != null)
        Files.write(
            outputJson,
            JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsBytes(json));
    }
    return 0;
  }

  private static Limits measured(MachineLimits machine) {
    return new Limits(machine.bandwidthBytesPerSecond(), machine.fmaFlopsPerSecond());
  }
}
