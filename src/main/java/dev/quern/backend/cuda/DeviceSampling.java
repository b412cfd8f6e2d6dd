package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Sampling;
import dev.quern.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the sampling kernels read and write for one batch: the structs of sampling.cu and
 * logprobs.cu, and the results. A step whose rows ask for nothing but temperature, top_k, top_p and
 * min_p is {@link #plain}: it reads only the sample rows, which lie at a fixed address, so it can
 * be recorded. All else is packed behind them at places that change.
 */
final class DeviceSampling implements AutoCloseable {
  private static final int SAMPLE_BYTES = 32;
  private static final int PENALTY_BYTES = 32;
  private static final int LOGPROB_BYTES = 16;

  private final Batch host;
  private final int rows;
  private final int width;

  /** Two, so that what comes late does not overwrite what may still be on its way. */
  private final UploadBuffer early;

  private final UploadBuffer late;
  private UploadBuffer input;
  private final DeviceArena output;
  private final long outputAddress;
  private final long outputBytes;
  private final long pinned;
  private final MemorySegment results;

  /** Recorded behind the last launch of a step. */
  private final long done = CudaDriver.eventCreate(false);

  private boolean marked;
  private boolean plain;
  private boolean masked;
  private int penalisedRows;
  private boolean logprobs;

  /** 64-bit words of an allowed set; ids beyond are not allowed. */
  private int maskWords;

  private long sampleAt;
  private long penaltyAt;
  private long historyAt;
  private long allowedAt;
  private long masksAt;
  private long bannedStartsAt;
  private long bannedAt;
  private long biasStartsAt;
  private long biasIdsAt;
  private long biasValuesAt;
  private long logprobAt;

  /**
   * @param vocabulary V, or 0 where it is not known yet
   * @param kvTokens tokens that the KV cache holds: no more can be in the histories of a step
   */
  DeviceSampling(Batch host, int device, int vocabulary, long kvTokens) {
    this.host = host;
    rows = host.sampling.nextTokens.length;
    width = Math.max(1, host.sampling.maxLogprobs);
    early = new UploadBuffer(device, inputBytes(host.limits, vocabulary, kvTokens));
    late = new UploadBuffer(device, inputBytes(host.limits, vocabulary, kvTokens));
    outputBytes = outputBytes(host.limits);
    output = new DeviceArena(device, outputBytes, 1);
    outputAddress = output.allocate(outputBytes);
    pinned = CudaDriver.hostAlloc(outputBytes);
    results = MemorySegment.ofAddress(pinned).reinterpret(outputBytes);
  }

  /**
   * What a step's settings take at most, except that long lists of biases or banned ids (more than
   * 4 KiB a row on average) make the buffer grow.
   */
  static long inputBytes(BatchLimits limits, int vocabulary, long kvTokens) {
    long rows = limits.maxSequences();
    return rows * (SAMPLE_BYTES + PENALTY_BYTES + 16 + vocabulary / 8 + 8 + 4096)
        + LOGPROB_BYTES * (rows + limits.maxTokens())
        + 4 * (kvTokens + rows)
        + 4096;
  }

  /** What the results of a step take. */
  static long outputBytes(BatchLimits limits) {
    long rows = (long) limits.maxSequences() + limits.maxTokens();
    return 4 * rows * (4 + 2L * Math.max(1, limits.maxLogprobs()));
  }

  /**
   * Packs and uploads the settings; rows from the sampled ones to {@code paddedRows} are greedy and
   * want nothing.
   */
  void upload(int paddedRows, long stream) {
    input = early;
    marked = false;
    pack(paddedRows, stream);
    plain = !masked && penalisedRows == 0 && !logprobs;
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
    masked = false;
    penalisedRows = 0;
    logprobs = host.logits > sampled;
    for (int r = 0; r < sampled; r++) {
      masked |= s.allowed[r] != null || s.banned[r] != null || s.biasIds[r] != null;
      logprobs |= s.logprobs[r] != -1;
      if (penalised(s, r)) {
        penalisedRows++;
      }
    }
    if (masked) {
      packMasks(s, sampled);
    }
    if (penalisedRows > 0) {
      packPenalties(s, sampled);
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

  private void packMasks(Sampling s, int sampled) {
    maskWords = 0;
    for (int r = 0; r < sampled; r++) {
      maskWords = Math.max(maskWords, s.allowed[r] != null ? s.allowed[r].length : 0);
    }
    int words = maskWords;
    int masks = 0;
    int banned = 0;
    int biased = 0;
    for (int r = 0; r < sampled; r++) {
      masks += s.allowed[r] != null ? 1 : 0;
      banned += s.banned[r] != null ? s.banned[r].length : 0;
      biased += s.biasIds[r] != null ? s.biasIds[r].length : 0;
    }
    allowedAt = input.section(4L * sampled);
    masksAt = input.section(8L * words * masks);
    bannedStartsAt = input.section(4L * (sampled + 1));
    bannedAt = input.section(4L * banned);
    biasStartsAt = input.section(4L * (sampled + 1));
    biasIdsAt = input.section(4L * biased);
    biasValuesAt = input.section(4L * biased);
    MemorySegment b = input.block();
    masks = 0;
    banned = 0;
    biased = 0;
    for (int r = 0; r < sampled; r++) {
      b.set(JAVA_INT, allowedAt + 4L * r, s.allowed[r] != null ? masks : -1);
      if (s.allowed[r] != null) {
        long[] mask = Arrays.copyOf(s.allowed[r], words);
        MemorySegment.copy(mask, 0, b, JAVA_LONG, masksAt + 8L * words * masks++, words);
      }
      b.set(JAVA_INT, bannedStartsAt + 4L * r, banned);
      if (s.banned[r] != null) {
        int n = s.banned[r].length;
        MemorySegment.copy(s.banned[r], 0, b, JAVA_INT, bannedAt + 4L * banned, n);
        banned += n;
      }
      b.set(JAVA_INT, biasStartsAt + 4L * r, biased);
      if (s.biasIds[r] != null) {
        int n = s.biasIds[r].length;
        MemorySegment.copy(s.biasIds[r], 0, b, JAVA_INT, biasIdsAt + 4L * biased, n);
        MemorySegment.copy(s.biasValues[r], 0, b, JAVA_FLOAT, biasValuesAt + 4L * biased, n);
        biased += n;
      }
    }
    b.set(JAVA_INT, bannedStartsAt + 4L * sampled, banned);
    b.set(JAVA_INT, biasStartsAt + 4L * sampled, biased);
  }

  /**
   * struct PenaltyRow: three penalties, start in the history, prompt length, history length, row of
   * the scratch or -1.
   */
  private void packPenalties(Sampling s, int sampled) {
    int tokens = 0;
    for (int r = 0; r < sampled; r++) {
      tokens += penalised(s, r) ? s.historyLength[r] : 0;
    }
    penaltyAt = input.section((long) PENALTY_BYTES * sampled);
    historyAt = input.section(4L * tokens);
    MemorySegment b = input.block();
    int start = 0;
    int scratch = 0;
    for (int r = 0; r < sampled; r++) {
      long at = penaltyAt + (long) PENALTY_BYTES * r;
      boolean on = penalised(s, r);
      b.set(JAVA_FLOAT, at, s.repetitionPenalty[r]);
      b.set(JAVA_FLOAT, at + 4, s.frequencyPenalty[r]);
      b.set(JAVA_FLOAT, at + 8, s.presencePenalty[r]);
      b.set(JAVA_INT, at + 12, start);
      b.set(JAVA_INT, at + 16, s.promptLength[r]);
      b.set(JAVA_INT, at + 20, on ? s.historyLength[r] : 0);
      b.set(JAVA_INT, at + 24, on ? scratch++ : -1);
      if (on) {
        int n = s.historyLength[r];
        MemorySegment.copy(s.history[r], 0, b, JAVA_INT, historyAt + 4L * start, n);
        start += n;
      }
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

  /** A row whose history is not there yet gets its penalties late. */
  private static boolean penalised(Sampling s, int r) {
    return s.history[r] != null
        && (s.repetitionPenalty[r] != 1 || s.frequencyPenalty[r] != 0 || s.presencePenalty[r] != 0);
  }

  /** Copies the raw logits of rows whose whole logprobs are wanted to the host. */
  void keepWholeRows(CudaTensor raw, int fromRow, int count, long stream) {
    Sampling s = host.sampling;
    for (int r = fromRow; r < fromRow + count; r++) {
      if (s.logprobs[r] != -2) {
        continue;
      }
      long bytes = 4L * raw.cols();
      long row = CudaDriver.hostAlloc(bytes);
      CudaDriver.copyToHost(row, raw.address() + bytes * (r - fromRow), bytes, stream);
      wholeRows.add(new WholeRow(r, raw.cols(), row));
    }
  }

  /** Raw logits on their way to the host; the row's place and the pinned copy. */
  private record WholeRow(int row, int vocabulary, long pinned) {}

  private final List<WholeRow> wholeRows = new ArrayList<>();

  private void readWholeRows() {
    Sampling s = host.sampling;
    for (WholeRow whole : wholeRows) {
      float logSum = results.getAtIndex(JAVA_FLOAT, 3L * rows + whole.row());
      int vocabulary = whole.vocabulary();
      float[] values = new float[vocabulary];
      MemorySegment copy = MemorySegment.ofAddress(whole.pinned()).reinterpret(4L * vocabulary);
      MemorySegment.copy(copy, JAVA_FLOAT, 0, values, 0, vocabulary);
      for (int v = 0; v < vocabulary; v++) {
        values[v] -= logSum;
      }
      s.allLogprobs[whole.row()] = values;
      CudaDriver.hostFree(whole.pinned());
    }
    wholeRows.clear();
  }

  /**
   * Puts the copy of the results on the stream: of {@code count} rows, and of all logprobs where
   * some are wanted.
   */
  void download(int count, long stream) {
    CudaDriver.copyToHost(pinned, outputAddress, logprobs ? outputBytes : 4L * count, stream);
  }

  /** Everything put on the stream so far is what {@link #awaitDone} waits for. */
  void markDone(long stream) {
    CudaDriver.eventRecord(done, stream);
    marked = true;
  }

  boolean marked() {
    return marked;
  }

  void awaitDone() {
    CudaDriver.eventSynchronize(done);
  }

  /** Hands the copied results to the batch. */
  void read() {
    Sampling s = host.sampling;
    MemorySegment.copy(results, JAVA_INT, 0, s.nextTokens, 0, host.sampledRows);
    if (!logprobs) {
      return;
    }
    readWholeRows();
    int n = host.logits;
    MemorySegment.copy(results, JAVA_FLOAT, 4L * rows, s.chosenLogprob, 0, n);
    MemorySegment.copy(results, JAVA_INT, 8L * rows, s.chosenRank, 0, n);
    if (s.maxLogprobs > 0) {
      MemorySegment.copy(results, JAVA_INT, 16L * rows, s.topIds, 0, n * width);
      long values = 16L * rows + 4L * rows * width;
      MemorySegment.copy(results, JAVA_FLOAT, values, s.topLogprobs, 0, n * width);
    }
  }

  boolean plain() {
    return plain;
  }

  boolean masked() {
    return masked;
  }

  int penalisedRows() {
    return penalisedRows;
  }

  boolean logprobs() {
    return logprobs;
  }

  int width() {
    return width;
  }

  long sampleRows() {
    return input.device(sampleAt);
  }

  long penaltyRows() {
    return input.device(penaltyAt);
  }

  long history() {
    return input.device(historyAt);
  }

  long allowedRows() {
    return input.device(allowedAt);
  }

  int maskWords() {
    return maskWords;
  }

  long masks() {
    return input.device(masksAt);
  }

  long bannedStarts() {
    return input.device(bannedStartsAt);
  }

  long bannedIds() {
    return input.device(bannedAt);
  }

  long biasStarts() {
    return input.device(biasStartsAt);
  }

  long biasIds() {
    return input.device(biasIdsAt);
  }

  long biasValues() {
    return input.device(biasValuesAt);
  }

  long logprobRows(int from) {
    return input.device(logprobAt + (long) LOGPROB_BYTES * from);
  }

  // Results, [R] each: tokens, chosen log-probabilities, ranks, log-sums; then [R][width] ids and
  // values.

  long nextTokens() {
    return outputAddress;
  }

  long chosen(int from) {
    return outputAddress + 4L * (rows + from);
  }

  long ranks(int from) {
    return outputAddress + 4L * (2L * rows + from);
  }

  long logSums(int from) {
    return outputAddress + 4L * (3L * rows + from);
  }

  long topIds(int from) {
    return outputAddress + 16L * rows + 4L * width * from;
  }

  long topValues(int from) {
    return outputAddress + 16L * rows + 4L * rows * width + 4L * width * from;
  }

  @Override
  public void close() {
    early.close();
    late.close();
    output.close();
    CudaDriver.hostFree(pinned);
    CudaDriver.eventDestroy(done);
  }
}
