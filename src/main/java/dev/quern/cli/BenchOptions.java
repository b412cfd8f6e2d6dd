package dev.quern.cli;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.quern.backend.Backend;
import dev.quern.backend.cpu.MachineLimits;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.GpuLimits;
import dev.quern.backend.cuda.KernelTime;
import dev.quern.bench.BenchTarget;
import dev.quern.bench.KernelShare;
import dev.quern.bench.Limits;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

  @Option(
      names = "--profile",
      description = "run once more and print the time by kernel (on a GPU)")
  boolean profile;

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
              () -> limits(model.backend(), config.device().threads()),
              profile ? profiler(model.backend()) : null);
      write(outputJson, measurement.run(target, config.engine().seed()));
    }
    return 0;
  }

  /** Writes a result as JSON, unless {@code path} is null. */
  static void write(Path path, Map<String, Object> json) throws IOException {
    if (path != null)
      Files.write(
          path,
          JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsBytes(json));
  }

  static Limits limits(Backend backend, int threads) {
    if (backend instanceof CudaBackend gpu) {
      GpuLimits limits = gpu.limits();
      return new Limits(limits.copyBytesPerSecond(), limits.bf16FlopsPerSecond(), limits.summary());
    }
    MachineLimits machine = MachineLimits.measure(threads);
    return new Limits(
        machine.bandwidthBytesPerSecond(),
        machine.fmaFlopsPerSecond(),
        String.format(
            Locale.ROOT,
            "reads %.1f GB/s, computes %.1f GFLOP/s in fp32 FMA",
            machine.bandwidthBytesPerSecond() / 1e9,
            machine.fmaFlopsPerSecond() / 1e9));
  }

  private static BenchTarget.Profiler profiler(Backend backend) {
    if (!(backend instanceof CudaBackend gpu)) {
      throw new IllegalArgumentException(
          "--profile takes times on a GPU, and this runs on " + backend.description());
    }
    return new BenchTarget.Profiler() {
      @Override
      public void start() {
        gpu.startProfile();
      }

      @Override
      public List<KernelShare> stop() {
        List<KernelShare> shares = new ArrayList<>();
        for (KernelTime time : gpu.stopProfile()) {
          shares.add(new KernelShare(time.name(), time.launches(), time.seconds()));
        }
        return shares;
      }
    };
  }
}
