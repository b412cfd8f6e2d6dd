package dev.quern.engine;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.schedule.ScheduleLimits;
import dev.quern.schedule.Scheduler;
import dev.quern.schedule.Sequence;
import dev.quern.schedule.StepPlan;
import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs one loaded model. Requests come in through a queue from any thread; one thread, the loop,
 * plans each step, launches it, and hands out its tokens.
 *
 * <p>A step: plan → fill the batch → upload → launch forward → launch sample → await → land. With
 * look-ahead the step before lands only after this one is launched, so that the device never waits
 * for the host; where a row's masks depend on the token still in flight, it lands between forward
 * and sample.
 *
 * <p>The same requests in the same order give the same outputs: seeds that a request does not give
 * are drawn from the engine's and the request's number.
 *
 * <p>When a step throws the engine is lost: everybody waiting gets an {@link EngineLostException}
 * and so does every later submit. The model and the backend belong to whoever made them.
 */
public final class Engine implements Generator, AutoCloseable {
  /** The widest table of alternatives a row has; who asks for more gets them from the whole row. */
  private static final int MAX_ROW_LOGPROBS = 20;

  private final EngineSettings settings;
  private final Backend backend;
  private final RequestCheck check;
  private final RequestIntake intake;
  private final Scheduler scheduler;
  private final StepRunner runner;
  private final BatchFill fill;
  private final Thread loop;

  /** The door: new tasks and cancelled ones, in the order they came. */
  private final ConcurrentLinkedQueue<Message> door = new ConcurrentLinkedQueue<>();

  /** Outputs submitted and not finished. */
  private final AtomicInteger outstanding = new AtomicInteger();

  /** Those not done; the loop's own. */
  private final Set<GenerationTask> tasks = new HashSet<>();

  private volatile EngineLostException ended;
  private volatile boolean closing;
  private volatile EngineStats stats;
  private StepPlan inFlight;
  private long promptTokens;
  private long generationTokens;

  private sealed interface Message {
    GenerationTask task();

    record Start(GenerationTask task) implements Message {}

    record Cancel(GenerationTask task) implements Message {}
  }

  /**
   * Starts the loop.
   *
   * @param model bound with {@link #batchLimits}
   * @param tokenizer null for ids in and ids out
   * @param eosTokenIds the model's own ends
   */
  public Engine(
      EngineSettings settings,
      ForwardModel model,
      Backend backend,
      Tokenizer tokenizer,
      int[] eosTokenIds) {
    this.settings = settings;
    this.backend = backend;
    BatchLimits limits = batchLimits(settings);
    check = new RequestCheck(settings, model.vocabularySize(), tokenizer);
    intake =
        new RequestIntake(
            settings, model.vocabularySize(), tokenizer, eosTokenIds, limits.maxLogprobs());
    scheduler =
        new Scheduler(
            new ScheduleLimits(
                settings.maxNumBatchedTokens(),
                settings.maxNumSeqs(),
                settings.maxModelLen(),
                settings.blockTokens(),
                settings.chunkedPrefill(),
                settings.prefixCaching(),
                settings.lookAhead()),
            settings.kvBlocks(),
            settings.kvBlocks());
    runner = new StepRunner(backend, model, limits, settings.lookAhead());
    fill = new BatchFill(settings.blockTokens());
    publishStats();
    loop = Thread.ofPlatform().name("quern-engine").daemon().unstarted(this::run);
    loop.start();
  }

  /** The limits that the model of an engine with these settings is bound with. */
  public static BatchLimits batchLimits(EngineSettings settings) {
    int wanted = settings.maxLogprobs();
    return new BatchLimits(
        settings.maxNumBatchedTokens(),
        settings.maxNumSeqs(),
        (settings.maxModelLen() + settings.blockTokens() - 1) / settings.blockTokens(),
        wanted < 0 ? MAX_ROW_LOGPROBS : Math.min(wanted, MAX_ROW_LOGPROBS));
  }

  @Override
  public Generation submit(Request request, GenerationListener listener) {
    BadWords badWords = check.check(request);
    reserve(request.params().n());
    GenerationTask task = intake.prepare(request, badWords, listener, this::cancel);
    Message message = new Message.Start(task);
    door.add(message);
    LockSupport.unpark(loop);
    // The loop may have ended between the check and the add, and will not look again.
    if (ended != null && door.remove(message)) throw lost();
    return task;
  }

  private void reserve(int outputs) {
    if (ended != null || closing) throw lost();
    int most = settings.maxNumSeqs() + settings.maxQueuedRequests();
    int before = outstanding.getAndAdd(outputs);
    if (settings.maxQueuedRequests() > 0 && before >= most) {
      outstanding.getAndAdd(-outputs);
      throw new CapacityException(
          "the queue is full: "
              + before
              + " outputs run or wait, at most "
              + settings.maxNumSeqs()
              + " (max_num_seqs) and "
              + settings.maxQueuedRequests()
              + " (max_queued_requests) may");
    }
  }

  private EngineLostException lost() {
    EngineLostException reason = ended;
    return reason == null
        ? new EngineLostException("the engine is closed", null)
        : new EngineLostException(reason.getMessage(), reason.getCause());
  }

  private void cancel(GenerationTask task) {
    door.add(new Message.Cancel(task));
    LockSupport.unpark(loop);
  }

  @Override
  public EngineSettings settings() {
    return settings;
  }

  @Override
  public EngineStats stats() {
    return stats;
  }

  @Override
  public boolean isAlive() {
    return ended == null && !closing;
  }

  /** Ends the loop; whoever still waits gets an {@link EngineLostException}. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(loop);
    if (Thread.currentThread() == loop) return;
    boolean interrupted = false;
    while (loop.isAlive()) {
      try {
        loop.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }

  // From here on: the loop's thread.

  private void run() {
    EngineLostException reason;
    try {
      while (!closing) {
        readDoor();
        boolean idle = !step();
        publishStats();
        if (idle) {
          LockSupport.park(this);
          // An interrupt left standing would turn parking into spinning.
          Thread.interrupted();
        }
      }
      if (inFlight != null) backend.await(runner.batch(inFlight.step));
      reason = new EngineLostException("the engine is closed", null);
    } catch (Throwable e) {
      reason = new EngineLostException("the engine failed: " + e, e);
    }
    ended = reason;
    for (Message message = door.poll(); message != null; message = door.poll())
      tasks.add(message.task());
    for (GenerationTask task : tasks) task.fail(reason);
  }

  private void readDoor() {
    for (Message message = door.poll(); message != null; message = door.poll()) {
      switch (message) {
        case Message.Start start -> {
          tasks.add(start.task());
          for (OutputState output : start.task().outputs()) scheduler.add(output.sequence());
        }
        case Message.Cancel cancel -> abort(cancel.task());
      }
    }
  }

  /** Plans and launches a step, lands one; false where there was nothing to do. */
  private boolean step() {
    StepPlan plan = scheduler.plan();
    StepPlan before = inFlight;
    inFlight = null;
    if (plan.isEmpty() && before == null) return false;
    if (!plan.isEmpty()) {
      Batch batch = runner.batch(plan.step);
      boolean late = fill.fill(plan, batch, runner.paddedTokens(plan.tokens));
      noteScheduled(plan);
      backend.upload(batch);
      runner.launchForward(plan.step);
      if (late) {
        land(before);
        before = null;
        fill.fillLate(plan, batch);
        backend.uploadSampling(batch);
      }
      runner.launchSample(plan.step);
      inFlight = plan;
    }
    if (before != null) land(before);
    if (settings.lookAhead() == 0) {
      land(inFlight);
      inFlight = null;
    }
    return true;
  }

  private void noteScheduled(StepPlan plan) {
    long now = System.nanoTime();
    for (int i = 0; i < plan.sequenceCount; i++) {
      GenerationTask task = ((OutputState) plan.sequences[i].owner()).task();
      if (task.markScheduled(now)) promptTokens += task.request().promptTokens().length;
    }
  }

  private void land(StepPlan plan) {
    Batch batch = runner.batch(plan.step);
    backend.await(batch);
    scheduler.land(plan, batch.sampling.nextTokens);
    long now = System.nanoTime();
    int promptRow = plan.sampledCount;
    for (int i = 0; i < plan.sequenceCount; i++) {
      Sequence sequence = plan.sequences[i];
      OutputState output = (OutputState) sequence.owner();
      for (int j = 0; j < plan.promptLogprobCounts[i]; j++, promptRow++) {
        int position = plan.promptLogprobStarts[i] + j + 1;
        int wanted = output.task().request().params().promptLogprobs();
        int id = sequence.tokens()[position];
        output
            .task()
            .promptLogprob(position, LogprobReader.read(batch.sampling, promptRow, id, wanted));
      }
      if (plan.accepted[i]) handOut(output, batch, plan.sampledRows[i], now);
    }
  }

  private void handOut(OutputState output, Batch batch, int row, long now) {
    Sequence sequence = output.sequence();
    int token = batch.sampling.nextTokens[row];
    Integer wanted = output.task().request().params().logprobs();
    TokenLogprobs logprobs =
        wanted == null ? null : LogprobReader.read(batch.sampling, row, token, wanted);
    generationTokens++;
    Delta delta = output.take(token, sequence.end(), logprobs);
    deliver(output, delta, now);
  }

  private void deliver(OutputState output, Delta delta, long now) {
    GenerationTask task = output.task();
    if (delta.finish() != null) {
      scheduler.finish(output.sequence());
      outstanding.decrementAndGet();
      publishStats();
    }
    if (!task.deliver(delta, now)) dropOutputs(task);
    if (task.done()) tasks.remove(task);
  }

  /** The listener has thrown: nobody wants the rest. */
  private void dropOutputs(GenerationTask task) {
    for (OutputState output : task.outputs()) {
      if (output.finished()) continue;
      scheduler.finish(output.sequence());
      output.abort();
      outstanding.decrementAndGet();
    }
  }

  private void abort(GenerationTask task) {
    for (OutputState output : task.outputs())
      if (!output.finished()) deliver(output, output.abort(), System.nanoTime());
  }

  private void publishStats() {
    int blocks = scheduler.pool().size();
    stats =
        new EngineStats(
            scheduler.running(),
            Math.max(scheduler.waiting(), outstanding.get() - scheduler.running()),
            blocks,
            blocks - scheduler.pool().free(),
            scheduler.preemptions(),
            scheduler.prefixQueryTokens(),
            scheduler.prefixHitTokens(),
            promptTokens,
            generationTokens,
            scheduler.landedSteps());
  }
}
