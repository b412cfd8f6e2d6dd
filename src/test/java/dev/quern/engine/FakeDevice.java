package dev.quern.engine;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Ops;
import dev.quern.backend.Step;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A device as asynchronous as can be: what is launched or uploaded only queues up, and runs when
 * the host waits. It has its own copies of the batches, so that the host sees outputs after {@link
 * #await} only and the device sees inputs as they were when uploaded.
 */
final class FakeDevice implements Backend {
  private final Map<Batch, Batch> copies = new IdentityHashMap<>();
  private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
  private final FakeOps ops = new FakeOps(this);
  private final int lookAhead;
  private final int padding;
  private List<Runnable> recording;
  int captures;

  /**
   * @param padding steps are recorded for multiples of it
   */
  FakeDevice(int lookAhead, int padding) {
    this.lookAhead = lookAhead;
    this.padding = padding;
  }

  /** An op: recorded, or queued. */
  void op(Runnable body) {
    if (recording != null) recording.add(body);
    else queue.add(body);
  }

  Batch copy(Batch host) {
    return copies.get(host);
  }

  @Override
  public String description() {
    return "fake";
  }

  @Override
  public long freeBytes() {
    return 1 << 20;
  }

  @Override
  public int lookAhead() {
    return lookAhead;
  }

  @Override
  public int stepRows(int rows) {
    return (rows + padding - 1) / padding * padding;
  }

  @Override
  public Batch batch(BatchLimits limits) {
    Batch host = new Batch(limits);
    copies.put(host, new Batch(limits));
    return host;
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public Step capture(StepPart part, int size, Runnable body) {
    List<Runnable> recorded = new ArrayList<>();
    recording = recorded;
    body.run();
    recording = null;
    captures++;
    return () -> queue.addAll(recorded);
  }

  @Override
  public void upload(Batch host) {
    Batch snapshot = new Batch(host.limits);
    copyInputs(host, snapshot);
    copySampling(host, snapshot);
    queue.add(
        () -> {
          copyInputs(snapshot, copy(host));
          copySampling(snapshot, copy(host));
        });
  }

  @Override
  public void uploadSampling(Batch host) {
    Batch snapshot = new Batch(host.limits);
    copySampling(host, snapshot);
    queue.add(() -> copySampling(snapshot, copy(host)));
  }

  @Override
  public void await(Batch host) {
    while (!queue.isEmpty()) queue.poll().run();
    Batch device = copy(host);
    copy(device.sampling.nextTokens, host.sampling.nextTokens);
    copy(device.sampling.chosenLogprob, host.sampling.chosenLogprob);
    copy(device.sampling.chosenRank, host.sampling.chosenRank);
    copy(device.sampling.topIds, host.sampling.topIds);
    copy(device.sampling.topLogprobs, host.sampling.topLogprobs);
    copy(device.sampling.allLogprobs, host.sampling.allLogprobs);
  }

  private static void copyInputs(Batch from, Batch to) {
    to.tokens = from.tokens;
    to.sequences = from.sequences;
    to.sampledRows = from.sampledRows;
    to.logits = from.logits;
    copy(from.tokenIds, to.tokenIds);
    copy(from.feedRows, to.feedRows);
    copy(from.positions, to.positions);
    copy(from.slots, to.slots);
    copy(from.seqStarts, to.seqStarts);
    copy(from.kvLengths, to.kvLengths);
    copy(from.blockTables, to.blockTables);
    copy(from.logitRows, to.logitRows);
  }

  private static void copySampling(Batch from, Batch to) {
    copy(from.sampling.temperature, to.sampling.temperature);
    copy(from.sampling.seed, to.sampling.seed);
    copy(from.sampling.outputIndex, to.sampling.outputIndex);
    copy(from.sampling.repetitionPenalty, to.sampling.repetitionPenalty);
    copy(from.sampling.frequencyPenalty, to.sampling.frequencyPenalty);
    copy(from.sampling.presencePenalty, to.sampling.presencePenalty);
    copy(from.sampling.history, to.sampling.history);
    copy(from.sampling.promptLength, to.sampling.promptLength);
    copy(from.sampling.historyLength, to.sampling.historyLength);
    copy(from.sampling.allowed, to.sampling.allowed);
    copy(from.sampling.banned, to.sampling.banned);
    copy(from.sampling.biasIds, to.sampling.biasIds);
    copy(from.sampling.biasValues, to.sampling.biasValues);
    copy(from.sampling.logprobs, to.sampling.logprobs);
    copy(from.sampling.targets, to.sampling.targets);
  }

  @SuppressWarnings("SuspiciousSystemArraycopy")
  private static void copy(Object from, Object to) {
    System.arraycopy(from, 0, to, 0, java.lang.reflect.Array.getLength(from));
  }

  @Override
  public void close() {}

  @Override
  public Weight matrix(String name, DType dtype, List<WeightPart> parts) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Tensor vector(String name, List<WeightPart> parts) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Tensor constant(String name, int rows, int cols, float[] values) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Tensor activation(String name, int rows, int cols) {
    throw new UnsupportedOperationException();
  }

  @Override
  public KvCache kvCache(KvLayout layout, int blocks) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void write(Tensor tensor, float[] values) {
    throw new UnsupportedOperationException("not part of what is tested");
  }

  @Override
  public float[] download(Tensor tensor) {
    throw new UnsupportedOperationException();
  }
}
