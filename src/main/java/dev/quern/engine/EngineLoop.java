package dev.quern.engine;

import dev.quern.backend.Backend;
import dev.quern.backend.Batch;
import dev.quern.schedule.Scheduler;
import dev.quern.schedule.Sequence;
import dev.quern.schedule.StepPlan;
import dev.quern.settings.EngineSettings;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine's one thread.
 *
 * <p>A step: plan → fill the batch → upload → launch forward → launch sample → await → land. With
 * look-ahead the step before lands only after this one is launched, so that the device never waits
 * for the host; where a row's masks depend on the token still in flight, it lands between forward
 * and sample. With nothing to do the thread waits at the door.
 *
 * <p>Other threads use the {@link #door}, {@link #outstanding} and {@link #stats}; all else is the
 * loop's own.
 */
final class EngineLoop implements Runnable {
  private final EngineSettings settings;
  private final Backend backend;
  private final Scheduler scheduler;
  private final StepRunner runner;
  private final BatchFill fill;

  /** Told when outputs have ended, so that more may come, and when the loop has. */
  private final Runnable changed;

  private final EngineDoor door = new EngineDoor();
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile EngineStats stats;

  /** Outputs have ended since {@link #changed} was last told. */
  private boolean outputsEnded;

  /** Those not done. */
  private final Set<GenerationTask> tasks = new HashSet<>();

  private StepPlan inFlight;
  private long promptTokens;
  private long generationTokens;

  EngineLoop(
      EngineSettings settings,
      Scheduler scheduler,
      StepRunner runner,
      Backend backend,
      Runnable changed) {
    this.settings = settings;
    this.changed = changed;
    this.backend = backend;
    this.scheduler = scheduler;
    this.runner = runner;
    fill = new BatchFill(settings.blockTokens());
    publishStats();
  }

  EngineDoor door() {
    return door;
  }

  /** Outputs submitted and not finished. */
  AtomicInteger outstanding() {
    return outstanding;
  }

  EngineStats stats() {
    return stats;
  }

  @Override
  public void run() {
    door.attend();
    EngineLostException reason;
    try {
      while (!door.closing()) {
        readDoor();
        boolean idle = !step();
        publishStats();
        tellEnded();
        if (idle) door.await();
      }
      if (inFlight != null) backend.await(runner.batch(inFlight.step));
      reason = new EngineLostException("the engine is closed", null);
    } catch (Throwable e) {
      reason = new EngineLostException("the engine failed: " + e, e);
    }
    door.end(reason);
    for (EngineDoor.Message message = door.poll(); message != null; message = door.poll())
      tasks.add(message.task());
    for (GenerationTask task : tasks) task.fail(reason);
    changed.run();
  }

  private void tellEnded() {
    if (!outputsEnded) return;
    outputsEnded = false;
    changed.run();
  }

  private void readDoor() {
    for (EngineDoor.Message message = door.poll(); message != null; message = door.poll()) {
      switch (message) {
        case EngineDoor.Message.Start start -> {
          tasks.add(start.task());
          for (OutputState output : start.task().outputs()) scheduler.add(output.sequence());
        }
        case EngineDoor.Message.Cancel cancel -> abort(cancel.task());
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
      outputsEnded = true;
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
      outputsEnded = true;
    }
  }

  private void abort(GenerationTask task) {
    for (OutputState output : task.outputs())
      if (!output.finished()) deliver(output, output.abort(), System.nanoTime());
  }

  private void publishStats() {
    stats = EngineStats.of(scheduler, outstanding.get(), promptTokens, generationTokens);
  }
}
