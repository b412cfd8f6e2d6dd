package dev.quern.cli;

import dev.quern.backend.DType;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.CudaProbe;
import dev.quern.bench.KernelBench;
import dev.quern.settings.QuernConfig;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How fast each kernel is. */
@Command(
    name = "kernels",
    abbreviateSynopsis = true,
    description = {
      "Times the kernels of a GPU one by one, without a model, in the type that --dtype names or",
      "in each: beside what the GPU moves and computes at most.%n"
    })
final class BenchKernelsCommand implements SettingsCommand {
  private final SettingsOptions settings = new SettingsOptions("Model", "Chat", "Engine", "Server");

  @Mixin CommonOptions common;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() {
    QuernConfig config = settings.load();
    if (CudaProbe.get() instanceof CudaProbe.Unavailable(String reason)) {
      System.err.println("quern bench kernels: there is no GPU to measure: " + reason);
      return 1;
    }
    for (DType dtype : CheckCommand.dtypes(config.model().dtype())) {
      try (CudaBackend backend = CudaBackend.open(0, dtype)) {
        KernelBench.run(
            backend,
            BenchOptions.profiler(backend),
            BenchOptions.limits(List.of(backend), 0),
            System.out);
      }
    }
    return 0;
  }
}
