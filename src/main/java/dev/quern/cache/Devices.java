package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.CudaProbe;
import dev.quern.files.ColdReads;
import dev.quern.settings.QuernConfig;
import java.util.ArrayList;
import java.util.List;

/** Opens what a model's engines run on: a GPU each, or a share of the CPU's threads each. */
final class Devices {
  private Devices() {}

  /** Starts the GPU's driver beside what else a start does: it takes a quarter of a second. */
  static void prepare(QuernConfig config) {
    if (!config.device().device().equals("cpu")) {
      Thread.ofPlatform().name("quern-cuda-probe").daemon().start(CudaProbe::get);
    }
  }

  /**
   * As many backends as {@code --data-parallel-size} says, of the kind that {@code --device} does.
   *
   * @param notes gets the reason why no GPU is taken
   * @throws LoadException when they cannot be had
   */
  static List<Backend> open(QuernConfig config, DType dtype, List<String> notes) {
    String wanted = config.device().device();
    int count = config.device().dataParallelSize();
    if (!wanted.equals("cpu")) {
      switch (CudaProbe.get()) {
        case CudaProbe.Available available -> {
          return gpus(config, available.devices(), dtype);
        }
        case CudaProbe.Unavailable(String reason) -> {
          if (wanted.equals("cuda")) {
            throw new LoadException("--device cuda cannot be had: " + reason, null);
          }
          notes.add("CUDA is not used: " + reason);
        }
      }
    }
    return cpus(count, config.device().threads());
  }

  private static List<Backend> gpus(QuernConfig config, int present, DType dtype) {
    int count = config.device().dataParallelSize();
    if (count > present) {
      throw new LoadException(
          "--data-parallel-size %d needs as many GPUs, and there %s"
              .formatted(count, present == 1 ? "is 1" : "are " + present),
          null);
    }
    List<Backend> backends = new ArrayList<>();
    try {
      for (int ordinal = 0; ordinal < count; ordinal++) {
        String missing = CudaProbe.lacksCodeFor(ordinal);
        if (missing != null) {
          throw new LoadException("GPU " + ordinal + " cannot be used: " + missing, null);
        }
        backends.add(
            CudaBackend.open(ordinal, dtype, config.device().batchInvariant(), coldReads(config)));
      }
    } catch (RuntimeException | Error e) {
      backends.forEach(Backend::close);
      throw e;
    }
    return backends;
  }

  /** Of several GPUs each reads the whole file, all but the first from the page cache. */
  static ColdReads coldReads(QuernConfig config) {
    return switch (config.device().coldReads()) {
      case "direct" -> ColdReads.DIRECT;
      case "buffered" -> ColdReads.BUFFERED;
      default -> config.device().dataParallelSize() == 1 ? ColdReads.DIRECT : ColdReads.BUFFERED;
    };
  }

  private static List<Backend> cpus(int count, int threads) {
    if (count == 1) {
      return List.of(CpuBackend.create(threads));
    }
    int all = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    List<Backend> backends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      backends.add(CpuBackend.create(Math.max(1, all / count)));
    }
    return backends;
  }
}
