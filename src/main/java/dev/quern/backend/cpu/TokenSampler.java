package dev.quern.backend.cpu;

import dev.quern.backend.Batch;
import dev.quern.backend.Sampling;

/** Chooses the next token of every sampled row, rows in parallel. */
final class TokenSampler {
  /** vLLM's bound: a lower temperature is greedy. */
  private static final float GREEDY_BELOW = 1e-5f;

  private final WorkerPool pool;
  private final LogitMath math;
  private final TokenDraw[] draws;

  TokenSampler(WorkerPool pool, LogitMath math) {
    this.pool = pool;
    this.math = math;
    draws = new TokenDraw[pool.workers()];
  }

  void sample(CpuTensor logits, Batch batch) {
    Sampling sampling = batch.sampling;
    pool.run(
        batch.sampledRows,
        1,
        (worker, from, to) -> {
          if (draws[worker] == null || draws[worker].vocabulary() != logits.cols()) {
            draws[worker] = new TokenDraw(logits.cols(), math);
          }
          for (int row = from; row < to; row++) {
            float[] values = draws[worker].values();
            logits.readRow(row, values);
            sampling.nextTokens[row] =
                sampling.temperature[row] < GREEDY_BELOW
                    ? math.argmax(values)
                    : draws[worker].draw(
                        sampling.temperature[row],
                        sampling.topK[row],
                        sampling.topP[row],
                        sampling.minP[row],
                        uniform(sampling.seed[row], sampling.outputIndex[row]));
          }
        });
  }

  /** The random number in [0,1) of an output: a function of seed and index alone. */
  static double uniform(long seed, int outputIndex) {
    long bits = RandomBits.mix(RandomBits.mix(seed) + (outputIndex + 1L) * 0x9e37_79b9_7f4a_7c15L);
    return (bits >>> 11) * 0x1p-53;
  }
}
