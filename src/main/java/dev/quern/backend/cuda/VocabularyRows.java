package dev.quern.backend.cuda;

import dev.quern.backend.DType;
import dev.quern.cuda.CudaMemory;

/**
 * Two matrices [R,V] beside the logits, in ranges of their own so that they are there before any
 * step needs them: the raw logits kept for the log-probabilities of tokens not yet chosen, and the
 * marks of penalised tokens, zero between steps. They grow when larger logits are made, never in a
 * step.
 */
final class VocabularyRows implements AutoCloseable {
  private static final long MOST_BYTES = 64L << 30;

  private final DeviceRange kept;
  private final DeviceRange seen;
  private final long stream;
  private long bytes;

  VocabularyRows(int device, long stream) {
    this.stream = stream;
    kept = new DeviceRange(device, MOST_BYTES, 1);
    seen = new DeviceRange(device, MOST_BYTES, 1);
  }

  /** Of both together. */
  static long bytes(long rows, long vocabulary) {
    return 2 * 4 * rows * vocabulary;
  }

  void ensure(int rows, int vocabulary) {
    long wanted = 4L * rows * vocabulary;
    if (wanted > bytes) {
      kept.grow(wanted);
      seen.grow(wanted);
      CudaMemory.setBytes(seen.address(), 0, wanted, stream);
      bytes = wanted;
    }
  }

  CudaTensor kept(int rows, int vocabulary) {
    ensure(rows, vocabulary);
    return new CudaTensor(kept.address(), DType.F32, rows, vocabulary);
  }

  long seen(int rows, int vocabulary) {
    ensure(rows, vocabulary);
    return seen.address();
  }

  @Override
  public void close() {
    kept.close();
    seen.close();
  }
}
