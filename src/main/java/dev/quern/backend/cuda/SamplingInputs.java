package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Sampling;
import java.lang.foreign.MemorySegment;

/**
 * What the sampling kernels read for one batch: the structs of sampling.cu and logprobs.cu. A step
 * whose rows ask for nothing but temperature, top_k, top_p and min_p is {@link #plain}: it reads
 * only the sample rows, which lie at a fixed address, so it can be recorded. All else is packed
 * behind them at places that change.
 */
final class SamplingInputs implements AutoCloseable {
  private static final int SAMPLE_BYTES = 32;
  private static final int LOGPROB_BYTES = 16;

  private final Batch host;
  private final int width;

  /** Two, so that what comes late does not overwrite what may still be on its way. */
  private final UploadBuffer early;

  private final UploadBuffer late;
  private final MaskSection masks = new MaskSection();
  private final PenaltySection penalties = new PenaltySection();
  private UploadBuffer input;
  private boolean masked;
  private boolean penalised;
  private boolean logprobs;
  private boolean plain;
  private long sampleAt;
  private long logprobAt;

  /**
   * @param width most alternatives of a row
   * @param vocabulary V, or 0 where it is not known yet
   * @param kvTokens tokens that the KV cache holds: no more can be in the histories of a step
   */
  SamplingInputs(Batch host, int device, int width, int vocabulary, long kvTokens) {
    this.host = host;
    this.width = width;
    early = new UploadBuffer(device, bytes(host.limits, vocabulary, kvTokens));
    late = new UploadBuffer(device, bytes(host.limits, vocabulary, kvTokens));
  }

  /**
   * What a step's settings take at most, except that long lists of biases or banned ids (more than
   * 4 KiB a row on average) make the buffer grow.
   */
  static long bytes(BatchLimits limits, int vocabulary, long kvTokens) {
    long rows = limits.maxSequences();
    return rows * (SAMPLE_BYTES + PenaltySection.ROW_BYTES + 16 + vocabulary / 8 + 8 + 4096)
        + LOGPROB_BYTES * (rows + limits.maxTokens())
        + 4 * (kvTokens + rows)
        + 4096;
  }

  /**
   * Packs and uploads the settings; rows from the sampled ones to {@code paddedRows} are greedy and
   * want nothing.
   */
  void upload(int paddedRows, long stream) {
    input = early;
    pack(paddedRows, stream);
    plain = !masked && !penalised && !logprobs;
  }

  /** The same again, once the last step's tokens are known. */
  void uploadLate(int paddedRows, long stream) {
    input = late;
    pack(paddedRows, stream);
    plain = false; // recorded steps read the other buffer
  }

  private void pack(int paddedRows, long stream) {
    Sampling s = host.sampling;
    int sampled = host.sampledRows;
    input.clear();
    packSampleRows(s, sampled, paddedRows);
    masked = masks.pack(input, s, sampled);
    penalised = penalties.pack(input, s, sampled);
    logprobs = host.logits > sampled;
    for (int r = 0; r < sampled; r++) {
      logprobs |= s.logprobs[r] != -1;
    }
    if (logprobs) {
      packLogprobs(s, sampled);
    }
    input.upload(stream);
  }

  /** struct SampleRow: temperature, top_p, min_p, top_k, seed, output index. */
  private void packSampleRows(Sampling s, int sampled, int paddedRows) {
    sampleAt = input.section((long) SAMPLE_BYTES * Math.max(1, Math.max(sampled, paddedRows)));
    MemorySegment b = input.block();
    for (int r = 0; r < Math.max(sampled, paddedRows); r++) {
      boolean real = r < sampled;
      long at = sampleAt + (long) SAMPLE_BYTES * r;
      b.set(JAVA_FLOAT, at, real ? s.temperature[r] : 0);
      b.set(JAVA_FLOAT, at + 4, real ? s.topP[r] : 1);
      b.set(JAVA_FLOAT, at + 8, real ? s.minP[r] : 0);
      b.set(JAVA_INT, at + 12, real ? s.topK[r] : 0);
      b.set(JAVA_LONG, at + 16, real ? s.seed[r] : 0);
      b.set(JAVA_INT, at + 24, real ? s.outputIndex[r] : 0);
    }
  }

  /**
   * struct LogprobRow: alternatives or -1, target or -1, row of the kept logits (set by the
   * launch's first row).
   */
  private void packLogprobs(Sampling s, int sampled) {
    logprobAt = input.section((long) LOGPROB_BYTES * host.logits);
    MemorySegment b = input.block();
    for (int r = 0; r < host.logits; r++) {
      long at = logprobAt + (long) LOGPROB_BYTES * r;
      // The whole row (-2) is copied out as it is; here only its sum is needed.
      b.set(JAVA_INT, at, s.logprobs[r] == -2 ? 0 : Math.min(s.logprobs[r], width));
      b.set(JAVA_INT, at + 4, r >= sampled ? s.targets[r] : -1);
    }
  }

  boolean plain() {
    return plain;
  }

  /** Null where no row has any. */
  MaskSection masks() {
    return masked ? masks : null;
  }

  /** Null where no row has any. */
  PenaltySection penalties() {
    return penalised ? penalties : null;
  }

  boolean logprobs() {
    return logprobs;
  }

  long sampleRows() {
    return input.device(sampleAt);
  }

  long logprobRows(int from) {
    return input.device(logprobAt + (long) LOGPROB_BYTES * from);
  }

  @Override
  public void close() {
    early.close();
    late.close();
  }
}
