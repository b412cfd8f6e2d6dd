package dev.quern.cli;

import dev.quern.backend.DType;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.CudaProbe;
import dev.quern.check.DeviceCheck;
import dev.quern.check.Soak;
import dev.quern.settings.QuernConfig;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whether a device computes what the CPU's plain ops do. */
@Command(
    name = "check",
    abbreviateSynopsis = true,
    description = {
      "Compares every op of the GPU (--device cuda) or of the CPU (--device cpu) with the CPU's",
      "plain ops on random data, then runs the built-in model, and the one that --model names, on",
      "both; with several GPUs also compares what NCCL does between them. Exit code 1: something",
      "differs, or the device cannot be had.%n"
    })
final class CheckCommand implements SettingsCommand {
  private static final int GPU_DRAWS = 1_000_000;
  private static final int CPU_DRAWS = 100_000;

  private final SettingsOptions settings = new SettingsOptions("Model", "Chat", "Engine", "Server");

  @Mixin CommonOptions common;

  @Option(
      names = "--draws",
      paramLabel = "<n>",
      description = "sampled tokens to compare; default 1000000 on a GPU, 100000 on the CPU")
  Integer draws;

  @Option(
      names = "--soak",
      paramLabel = "<n>",
      description =
          "instead, send n random requests through an engine that has too little memory for them")
  Integer soak;

  @Override
  public SettingsOptions settings() {
    return settings;
  }

  @Override
  public Integer call() throws InterruptedException {
    QuernConfig config = settings.load();
    int threads = config.device().threads();
    String wanted = config.device().device();
    int gpus = 0;
    if (!wanted.equals("cpu")) {
      switch (CudaProbe.get()) {
        case CudaProbe.Available(int devices, int driver) -> {
          gpus = devices;
          System.out.printf(
              "%d GPU(s), driver for CUDA %d.%d%n", devices, driver / 1000, driver % 1000 / 10);
        }
        case CudaProbe.Unavailable(String reason) -> {
          if (wanted.equals("cuda")) {
            System.err.println("quern check: --device cuda cannot be had: " + reason);
            return 1;
          }
          System.out.println("CUDA is not used: " + reason);
        }
      }
    }
    boolean gpu = gpus > 0;
    String model = settings.get("model") == null ? DeviceCheck.MODEL : settings.get("model");
    if (soak != null) {
      return Soak.run(model, gpu ? "cuda" : "cpu", soak, System.out) ? 0 : 1;
    }
    boolean passed =
        DeviceCheck.run(
            new DeviceCheck.Plan(
                gpu ? dtype -> CudaBackend.open(0, dtype) : dtype -> CpuBackend.create(threads),
                dtype -> CpuBackend.scalar(threads),
                gpu ? "cuda" : "cpu",
                dtypes(config.model().dtype()),
                draws != null ? draws : gpu ? GPU_DRAWS : CPU_DRAWS,
                model.equals(DeviceCheck.MODEL)
                    ? List.of(model)
                    : List.of(DeviceCheck.MODEL, model),
                gpus),
            System.out);
    return passed ? 0 : 1;
  }

  /** Those that {@code --dtype} names: one, or all. */
  static List<DType> dtypes(String dtype) {
    return switch (dtype) {
      case "float32", "float" -> List.of(DType.F32);
      case "float16", "half" -> List.of(DType.F16);
      case "bfloat16" -> List.of(DType.BF16);
      default -> List.of(DType.values());
    };
  }
}
