package dev.quern.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.Backend;
import dev.quern.backend.cpu.CpuBackend;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every case runs, on CPU ops that check its shapes, and is reported with its share. */
class KernelBenchTest {
  private static final KernelSizes SMALL =
      new KernelSizes(6, 32, 24, 40, 4, 2, 8, 101, 32, 2, 48, 64, 9);

  /** 20 runs of one kernel, each of a microsecond. */
  private static final class Profiler implements BenchTarget.Profiler {
    int started;

    @Override
    public void start() {
      started++;
    }

    @Override
    public List<KernelShare> stop() {
      return List.of(new KernelShare("kernel", 20, 20e-6));
    }
  }

  @Test
  void everyCaseIsMeasuredAgainstItsLimit() {
    var bytes = new ByteArrayOutputStream();
    Profiler profiler = new Profiler();
    Limits limits = new Limits(1e12, 1e12, "rates");
    try (Backend backend = CpuBackend.scalar(1)) {
      KernelBench.run(
          backend, profiler, limits, SMALL, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    }
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertTrue(lines.getFirst().endsWith("rates"), lines.getFirst());
    assertEquals(profiler.started, lines.size() - 1);
    // 2 · 32 · 24 fp32 in 1e-6 s at 1e12 bytes/s; 2 · 9 · 48 · 64 operations at as many.
    assertShare("norm 32 × 24", "0.01 TB/s    = 0.006 of the limit", lines);
    assertShare("linear 9 × 48 × 64", "0.1 TFLOP/s = 0.055 of the limit", lines);
    // 4 passes over 6 · 101 fp32.
    assertShare("logprobs, sample, chosenLogprobs 6 × 101", "= 0.010 of the limit", lines);
  }

  private static void assertShare(String name, String share, List<String> lines) {
    List<String> found = lines.stream().filter(line -> line.startsWith(name + " ")).toList();
    assertEquals(1, found.size(), name);
    assertTrue(found.getFirst().contains(share), found.getFirst());
    assertTrue(found.getFirst().endsWith("kernel 1.0 us"), found.getFirst());
  }
}
