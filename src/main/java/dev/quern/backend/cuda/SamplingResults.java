package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Sampling;
import dev.quern.cuda.CudaMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What the sampling kernels write for one batch, and its way to the host. [R] each: tokens, chosen
 * log-probabilities, ranks, log-sums; then [R][width] ids and values.
 */
final class SamplingResults implements AutoCloseable {
  /** Raw logits on their way to the host; the row's place and the pinned copy. */
  private record WholeRow(int row, int vocabulary, long pinned) {}

  private final Batch host;
  private final int rows;
  private final int width;
  private final DeviceArena output;
  private final long address;
  private final long bytes;
  private final long pinned;
  private final MemorySegment results;
  private final List<WholeRow> wholeRows = new ArrayList<>();

  SamplingResults(Batch host, int device, int width) {
    this.host = host;
    this.width = width;
    rows = host.sampling.nextTokens.length;
    bytes = bytes(host.limits);
    output = new DeviceArena(device, bytes, 1);
    address = output.allocate(bytes);
    pinned = CudaMemory.hostAlloc(bytes);
    results = MemorySegment.ofAddress(pinned).reinterpret(bytes);
  }

  /** What the results of a step take. */
  static long bytes(BatchLimits limits) {
    long rows = (long) limits.maxSequences() + limits.maxTokens();
    return 4 * rows * (4 + 2L * Math.max(1, limits.maxLogprobs()));
  }

  /** Copies the raw logits of rows whose whole logprobs are wanted to the host. */
  void keepWholeRows(CudaTensor raw, int fromRow, int count, long stream) {
    Sampling s = host.sampling;
    for (int r = fromRow; r < fromRow + count; r++) {
      if (s.logprobs[r] != -2) {
        continue;
      }
      long rowBytes = 4L * raw.cols();
      long row = CudaMemory.hostAlloc(rowBytes);
      CudaMemory.copyToHost(row, raw.address() + rowBytes * (r - fromRow), rowBytes, stream);
      wholeRows.add(new WholeRow(r, raw.cols(), row));
    }
  }

  /** Puts the copy on the stream: of {@code count} tokens, or of all where logprobs are wanted. */
  void download(int count, boolean logprobs, long stream) {
    CudaMemory.copyToHost(pinned, address, logprobs ? bytes : 4L * count, stream);
  }

  /** Hands the copied results to the batch. */
  void read(boolean logprobs) {
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
      CudaMemory.hostFree(whole.pinned());
    }
    wholeRows.clear();
  }

  long nextTokens() {
    return address;
  }

  long chosen(int from) {
    return address + 4L * (rows + from);
  }

  long ranks(int from) {
    return address + 4L * (2L * rows + from);
  }

  long logSums(int from) {
    return address + 4L * (3L * rows + from);
  }

  int width() {
    return width;
  }

  long topIds(int from) {
    return address + 16L * rows + 4L * width * from;
  }

  long topValues(int from) {
    return address + 16L * rows + 4L * rows * width + 4L * width * from;
  }

  @Override
  public void close() {
    output.close();
    CudaMemory.hostFree(pinned);
  }
}
