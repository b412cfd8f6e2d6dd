package dev.quern.backend.cpu;

/**
 * What this machine can do at most, to hold a result against: bytes read from memory and fp32 fused
 * multiply-adds (two operations each), with all threads at once.
 *
 * @param bandwidthBytesPerSecond reading memory that no cache holds
 * @param fmaFlopsPerSecond on registers alone
 */
public record MachineLimits(double bandwidthBytesPerSecond, double fmaFlopsPerSecond) {
  /**
   * Measures for about a second; the best of several runs counts, since other processes only take
   * away.
   *
   * @param threads threads that work, 0 for one a core
   * @throws IllegalStateException where the JVM runs without {@code --add-modules
   *     jdk.incubator.vector}: plain loops would understate the machine
   */
  public static MachineLimits measure(int threads) {
    if (!CpuBackend.hasVectors()) {
      throw new IllegalStateException(
          "the machine's limits are measured with --add-modules jdk.incubator.vector only");
    }
    try (WorkerPool pool = new WorkerPool(CpuBackend.cores(threads))) {
      return new MachineLimits(LimitLoops.readBytesPerSecond(pool), LimitLoops.flops(pool));
    }
  }
}
