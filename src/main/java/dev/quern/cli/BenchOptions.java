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
import dev.quern.bench.MarkdownTable;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
      names = "--markdown",
      paramLabel = "<path>",
      description = "add the result there as a row of a table, with command, machine and date")
  Path markdown;

  @Option(
      names = "--profile",
      description = "run once more and print the time by kernel (on a GPU)")
  boolean profile;

  /** What a measurement does with a loaded model. */
  interface Measurement {
    Result run(BenchTarget target, long seed) throws InterruptedException;
  }

  /** What it found, for files. */
  record Result(Map<String, Object> json, MarkdownTable.Row row) {}

  @Spec(Spec.Target.MIXEE)
  CommandSpec command;

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
              model.backends().size(),
              model.engine(),
              model.spec(),
              model.kvDtype(),
              () -> limits(model.backends(), config.device().threads()),
              profile ? profiler(model.backend()) : null);
      Result result = measurement.run(target, config.engine().seed());
      write(outputJson, result.json());
      if (markdown != null)
        MarkdownTable.append(markdown, arguments(command, markdown), result.row());
    }
    return 0;
  }

  /** The command line after the program's name, without the option that names the table. */
  static List<String> arguments(CommandSpec command, Path markdown) {
    List<String> arguments =
        new ArrayList<>(command.root().commandLine().getParseResult().originalArgs());
    int at = arguments.indexOf("--markdown");
    if (at >= 0) arguments.subList(at, at + 2).clear();
    arguments.remove("--markdown=" + markdown);
    return arguments;
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

  /** Of one device: the mean of all GPUs, or a share of the CPU. */
  static Limits limits(List<Backend> backends, int threads) {
    if (backends.getFirst() instanceof CudaBackend) {
      Limits sum = null;
      for (Backend backend : backends) {
        GpuLimits limits = ((CudaBackend) backend).meter().limits();
        Limits one =
            new Limits(limits.copyBytesPerSecond(), limits.bf16FlopsPerSecond(), limits.summary());
        sum = sum == null ? one : sum.plus(one);
      }
      return sum.times(1.0 / backends.size());
    }
    MachineLimits machine = MachineLimits.measure(threads);
    return new Limits(
        machine.bandwidthBytesPerSecond() / backends.size(),
        machine.fmaFlopsPerSecond() / backends.size(),
        String.format(
            Locale.ROOT,
            "reads %.1f GB/s, computes %.1f GFLOP/s in fp32 FMA",
            machine.bandwidthBytesPerSecond() / 1e9,
            machine.fmaFlopsPerSecond() / 1e9));
  }

  static BenchTarget.Profiler profiler(Backend backend) {
    if (!(backend instanceof CudaBackend gpu)) {
      throw new IllegalArgumentException(
          "--profile takes times on a GPU, and this runs on " + backend.description());
    }
    return new BenchTarget.Profiler() {
      @Override
      public void start() {
        gpu.meter().startProfile();
      }

      @Override
      public List<KernelShare> stop() {
        List<KernelShare> shares = new ArrayList<>();
        for (KernelTime time : gpu.meter().stopProfile()) {
          shares.add(new KernelShare(time.name(), time.launches(), time.seconds()));
        }
        return shares;
      }
    };
  }
}
