package dev.quern.backend.cuda;

import dev.quern.backend.Backend.StepPart;
import dev.quern.backend.Batch;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What steps read and write beside weights and activations: the device's side of every batch, and
 * which of them the step now uploaded is.
 */
final class StepInputs implements AutoCloseable {
  static final int LARGEST_GRAPH_ROWS = 512;

  private record Side(DeviceBatch inputs, DeviceSampling sampling) {}

  private final int device;
  private final long stream;
  private final Map<Batch, Side> sides = new IdentityHashMap<>();
  private Side current;

  StepInputs(int device, long stream) {
    this.device = device;
    this.stream = stream;
  }

  /**
   * @param vocabulary V, or 0 where it is not known yet
   * @param kvTokens that the KV cache holds
   */
  void add(Batch batch, int vocabulary, long kvTokens) {
    sides.put(
        batch,
        new Side(
            new DeviceBatch(batch, device),
            new DeviceSampling(batch, device, vocabulary, kvTokens)));
  }

  DeviceBatch inputs(Batch batch) {
    return sides.get(batch).inputs();
  }

  DeviceSampling sampling(Batch batch) {
    return sides.get(batch).sampling();
  }

  /**
   * vLLM's graph sizes: 1, 2, 4, multiples of 8 to 256, of 16 to 512; larger steps run as they are.
   */
  static int stepRows(int rows) {
    if (rows <= 2) {
      return rows;
    }
    if (rows <= 4) {
      return 4;
    }
    if (rows > LARGEST_GRAPH_ROWS) {
      return rows;
    }
    int multiple = rows <= 256 ? 8 : 16;
    return Math.ceilDiv(rows, multiple) * multiple;
  }

  static int paddedRows(Batch batch) {
    return Math.min(stepRows(batch.tokens), batch.limits.maxTokens());
  }

  private static int paddedSamples(Batch batch) {
    return Math.min(stepRows(batch.sampledRows), batch.limits.maxSequences());
  }

  void upload(Batch batch) {
    current = sides.get(batch);
    current.inputs.upload(paddedRows(batch), stream);
    current.sampling.upload(paddedSamples(batch), stream);
  }

  void uploadLate(Batch batch) {
    sampling(batch).inputs().uploadLate(paddedSamples(batch), stream);
  }

  /** Whether this part of the step now uploaded may be recorded or replayed. */
  boolean recordable(StepPart part) {
    return switch (part) {
      case FORWARD -> current.inputs.decodeOnly();
      case SAMPLE -> current.sampling.inputs().plain();
    };
  }

  /** The results of the batch's step travel to the host behind what is on the stream. */
  void download(Batch batch) {
    sampling(batch).download(Math.max(1, paddedSamples(batch)), stream);
  }

  /** The step now uploaded is whole on the stream. */
  void markDone() {
    current.sampling.markDone(stream);
  }

  /** Waits for the batch's step and hands its results over. */
  void await(Batch batch) {
    DeviceSampling sampling = sampling(batch);
    if (!sampling.marked()) {
      // No op closed the step: nothing was sampled, or no logprob of a sampled token wanted.
      download(batch);
      sampling.markDone(stream);
    }
    sampling.await();
  }

  @Override
  public void close() {
    for (Side side : sides.values()) {
      side.inputs.close();
      side.sampling.close();
    }
  }
}
