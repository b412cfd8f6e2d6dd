package dev.quern.backend;

import java.util.List;

/**
 * One device: its memory, its ops, and how steps run on it. One thread launches steps; weights may
 * come in from others.
 */
public interface Backend extends AutoCloseable {
  /** What a person calls it, such as {@code cpu (2 threads, AVX-512)}. */
  String description();

  /** Bytes that are free for weights, KV and workspace now. */
  long freeBytes();

  /** How many steps may be planned before the last one's tokens are read: 0 or 1. */
  int lookAhead();

  /**
   * Takes a matrix in. Its rows are those of the parts in order.
   *
   * @param dtype type to hold it in; parts of another type are converted
   */
  Weight matrix(String name, DType dtype, List<WeightPart> parts);

  /**
   * Takes a vector [1,N] in (norm weights, biases); parts are one-row matrices joined along their
   * columns.
   */
  Tensor vector(String name, List<WeightPart> parts);

  /**
   * Runs {@code load}, which hands weights over; they may come in together, and are in place when
   * this returns.
   */
  default void loading(Runnable load) {
    load.run();
  }

  /**
   * Bytes of device memory that this backend takes for an engine beside weights, activations,
   * logits and the KV cache.
   *
   * @param tokens that the KV cache will hold
   */
  default long ownBytes(BatchLimits limits, int logitRows, int vocabulary, long tokens) {
    return 0;
  }

  /** Takes host values in as [rows,cols] (RoPE tables, ALiBi slopes). */
  Tensor constant(String name, int rows, int cols, float[] values);

  /** An activation or logits buffer, backed by memory only as far as it is used. */
  Tensor activation(String name, int rows, int cols);

  /** The logits buffer [rows,cols], fp32 on every device. */
  default Tensor logits(int rows, int cols) {
    return activation("logits", rows, cols);
  }

  /** Element type of activations and of the KV cache. */
  default DType activationType() {
    return DType.F32;
  }

  /** A KV cache, its range reserved and backed on demand. */
  KvCache kvCache(KvLayout layout, int blocks);

  /** The host copy of a step's inputs, known to this backend. */
  Batch batch(BatchLimits limits);

  Ops ops();

  /** The two parts of a step. */
  enum StepPart {
    /** From ids to the last layer; depends on nothing that {@link Batch#sampling} holds. */
    FORWARD,
    /** From logits to tokens. */
    SAMPLE
  }

  /**
   * Records {@code body}, which calls ops for {@code size} rows and nothing else, and gives it back
   * as a step.
   */
  Step capture(StepPart part, int size, Runnable body);

  /**
   * The number of rows that a step of {@code rows} rows is recorded with: as many or more, the rest
   * being padding.
   */
  default int stepRows(int rows) {
    return rows;
  }

  /**
   * Brings the batch's inputs to the device in one copy, before the steps that read it are
   * launched.
   */
  void upload(Batch batch);

  /**
   * Brings {@link Batch#sampling} again, between the forward and the sample part, where something
   * in it waited for the step before.
   */
  default void uploadSampling(Batch batch) {}

  /** Waits until the outputs in {@link Batch#sampling} are those of the launched steps. */
  void await(Batch batch);

  /** A tensor's values as floats, row by row; for tests and inspection, never within a step. */
  float[] download(Tensor tensor);

  /**
   * Puts values into a tensor, rounded to its type; for checks, never within a step.
   *
   * @param values as many as the tensor has
   */
  void write(Tensor tensor, float[] values);

  @Override
  void close();
}
