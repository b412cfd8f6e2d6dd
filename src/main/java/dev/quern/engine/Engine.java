package dev.quern.engine;

import dev.quern.backend.Backend;
import dev.quern.backend.BatchLimits;
import dev.quern.schedule.ScheduleLimits;
import dev.quern.schedule.Scheduler;
import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;
import java.util.function.Consumer;

/**
 * Runs one loaded model. Requests come in through a queue from any thread; one thread, {@link
 * EngineLoop}, plans each step, launches it, and hands out its tokens.
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
  private final RequestCheck check;
  private final RequestIntake intake;
  private final EngineLoop loop;
  private final Thread thread;

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
    this(settings, model, backend, tokenizer, eosTokenIds, () -> {});
  }

  /**
   * @param changed told, on the loop's thread, when outputs have ended or the loop has
   */
  Engine(
      EngineSettings settings,
      ForwardModel model,
      Backend backend,
      Tokenizer tokenizer,
      int[] eosTokenIds,
      Runnable changed) {
    this.settings = settings;
    BatchLimits limits = batchLimits(settings);
    check = new RequestCheck(settings, model.vocabularySize(), tokenizer);
    intake =
        new RequestIntake(
            settings, model.vocabularySize(), tokenizer, eosTokenIds, limits.maxLogprobs());
    Scheduler scheduler =
        new Scheduler(scheduleLimits(settings), settings.kvBlocks(), settings.kvBlocks());
    StepRunner runner = new StepRunner(backend, model, limits, settings.lookAhead());
    loop = new EngineLoop(settings, scheduler, runner, backend, changed);
    thread = Thread.ofPlatform().name("quern-engine").daemon().start(loop);
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

  private static ScheduleLimits scheduleLimits(EngineSettings settings) {
    return new ScheduleLimits(
        settings.maxNumBatchedTokens(),
        settings.maxNumSeqs(),
        settings.maxModelLen(),
        settings.blockTokens(),
        settings.chunkedPrefill(),
        settings.prefixCaching(),
        settings.lookAhead());
  }

  @Override
  public Generation submit(Request request, GenerationListener listener) {
    BadWords badWords = check.check(request);
    reserve(request.params().n());
    GenerationTask task = intake.prepare(request, badWords, listener, loop.door()::cancel);
    loop.door().start(task);
    return task;
  }

  /** A checked task that {@link #start} of any engine with the same settings takes. */
  GenerationTask prepare(
      Request request, GenerationListener listener, Consumer<GenerationTask> canceller) {
    return intake.prepare(request, check.check(request), listener, canceller);
  }

  /** Takes a prepared task over, whatever already waits. */
  void start(GenerationTask task) {
    loop.outstanding().getAndAdd(task.outputs().size());
    loop.door().start(task);
  }

  /** Ends a task that it took over. */
  void cancel(GenerationTask task) {
    loop.door().cancel(task);
  }

  /** Outputs taken and not finished. */
  int outstanding() {
    return loop.outstanding().get();
  }

  /** Why nothing is taken any more. */
  EngineLostException lost() {
    return loop.door().lost();
  }

  private void reserve(int outputs) {
    if (!loop.door().isOpen()) throw loop.door().lost();
    int most = settings.maxNumSeqs() + settings.maxQueuedRequests();
    int before = loop.outstanding().getAndAdd(outputs);
    if (settings.maxQueuedRequests() > 0 && before >= most) {
      loop.outstanding().getAndAdd(-outputs);
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

  @Override
  public EngineSettings settings() {
    return settings;
  }

  @Override
  public EngineStats stats() {
    return loop.stats();
  }

  @Override
  public boolean isAlive() {
    return loop.door().isOpen();
  }

  /** Lets the loop end after its step. */
  void endSoon() {
    loop.door().close();
  }

  /** Ends the loop; whoever still waits gets an {@link EngineLostException}. */
  @Override
  public void close() {
    loop.door().close();
    if (Thread.currentThread() == thread) return;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
