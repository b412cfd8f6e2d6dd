package dev.quern.engine;

import dev.quern.backend.Backend;
import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Engines that run the same model, one a device, behind one queue (data parallelism). A request
 * waits in the queue until an engine has room and goes to the one with the fewest outputs; an
 * engine is given a quarter more than it runs at a time, so that it never waits for the queue, and
 * no more, so that all of them end together. Order is that of submission.
 *
 * <p>Seeds that requests do not give are drawn from one sequence of numbers, so a request gets the
 * same one whatever engine it comes to. When one engine is lost the group is: it takes nothing any
 * more and fails what waits; what the others run ends as usual.
 *
 * <p>The lock guards the queue and where tasks went; it is held while a task is handed over, never
 * while a listener is told.
 */
public final class EngineGroup implements Generator, AutoCloseable {
  /** What one of the engines runs on; as {@link Engine}'s parameters. */
  public record Member(ForwardModel model, Backend backend) {}

  private final List<Engine> engines = new ArrayList<>();
  private final EngineSettings settings;
  private final int mostPerEngine;
  private final Object lock = new Object();
  private final Deque<GenerationTask> queue = new ArrayDeque<>();

  private int queuedOutputs;
  private boolean closed;

  /**
   * Starts an engine for each member.
   *
   * @param settings of each engine
   * @param members one or more
   */
  public EngineGroup(
      EngineSettings settings, List<Member> members, Tokenizer tokenizer, int[] eosTokenIds) {
    int count = members.size();
    this.settings = ofAll(settings, count);
    mostPerEngine = settings.maxNumSeqs() + Math.max(1, settings.maxNumSeqs() / 4);
    synchronized (lock) {
      for (Member member : members) {
        engines.add(
            new Engine(
                settings, member.model(), member.backend(), tokenizer, eosTokenIds, this::changed));
      }
    }
  }

  /** What bounds all engines together; what bounds a request or a step is each engine's. */
  private static EngineSettings ofAll(EngineSettings one, int engines) {
    return new EngineSettings(
        one.maxModelLen(),
        Math.multiplyExact(one.maxNumSeqs(), engines),
        one.maxNumBatchedTokens(),
        one.blockTokens(),
        Math.multiplyExact(one.kvBlocks(), engines),
        one.prefixCaching(),
        one.chunkedPrefill(),
        one.lookAhead(),
        one.maxLogprobs(),
        one.maxQueuedRequests(),
        one.seed());
  }

  @Override
  public Generation submit(Request request, GenerationListener listener) {
    GenerationTask task = engines.getFirst().prepare(request, listener, this::cancel);
    synchronized (lock) {
      Engine lost = firstLost();
      if (lost != null) throw lost.lost();
      requireRoom();
      queue.add(task);
      queuedOutputs += task.outputs().size();
      handOver();
    }
    return task;
  }

  private void requireRoom() {
    int before = queuedOutputs;
    for (Engine engine : engines) before += engine.outstanding();
    int most = settings.maxNumSeqs() + settings.maxQueuedRequests();
    if (settings.maxQueuedRequests() > 0 && before >= most)
      throw new CapacityException(
          "the queue is full: "
              + before
              + " outputs run or wait, at most "
              + settings.maxNumSeqs()
              + " (max_num_seqs of "
              + engines.size()
              + " engines) and "
              + settings.maxQueuedRequests()
              + " (max_queued_requests) may");
  }

  /** Gives waiting tasks to engines that have room, first come, first served. */
  private void handOver() {
    while (!queue.isEmpty()) {
      Engine least = engines.getFirst();
      for (Engine engine : engines) if (engine.outstanding() < least.outstanding()) least = engine;
      if (least.outstanding() >= mostPerEngine || !least.isAlive()) return;
      start(queue.remove(), least);
    }
  }

  private void start(GenerationTask task, Engine engine) {
    try {
      engine.start(task);
      task.home(engine);
      queuedOutputs -= task.outputs().size();
    } catch (EngineLostException ended) {
      queue.addFirst(task); // fails with the rest when the engine's end is told
    }
  }

  /** An engine has outputs less, or has ended. */
  private void changed() {
    List<GenerationTask> failed = List.of();
    EngineLostException reason = null;
    synchronized (lock) {
      Engine lost = firstLost();
      if (lost == null) {
        handOver();
      } else {
        reason = lost.lost();
        failed = List.copyOf(queue);
        queue.clear();
        queuedOutputs = 0;
      }
    }
    for (GenerationTask task : failed) task.fail(reason);
  }

  private void cancel(GenerationTask task) {
    synchronized (lock) {
      // Its end is told by an engine's thread like any other's, so it goes to one first.
      if (queue.remove(task)) start(task, engines.getFirst());
      if (task.home() != null) task.home().cancel(task);
    }
  }

  private Engine firstLost() {
    for (Engine engine : engines) if (closed || !engine.isAlive()) return engine;
    return null;
  }

  @Override
  public EngineSettings settings() {
    return settings;
  }

  /** The sums of all engines'. */
  @Override
  public EngineStats stats() {
    EngineStats all = engines.getFirst().stats();
    for (Engine engine : engines.subList(1, engines.size())) all = all.plus(engine.stats());
    int queued;
    synchronized (lock) {
      queued = queuedOutputs;
    }
    return all.withQueued(queued);
  }

  @Override
  public boolean isAlive() {
    for (Engine engine : engines) if (!engine.isAlive()) return false;
    return true;
  }

  /** Ends all engines; whoever still waits gets an {@link EngineLostException}. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    for (Engine engine : engines) engine.endSoon();
    for (Engine engine : engines) engine.close();
    changed();
  }
}
