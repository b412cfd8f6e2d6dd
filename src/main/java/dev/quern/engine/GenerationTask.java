package dev.quern.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** A submitted request on its way: gathers its outputs, tells its listener, completes once. */
final class GenerationTask implements Generation {
  private final Request request;
  private final GenerationListener listener;
  private final Consumer<GenerationTask> canceller;
  private final CompletableFuture<GenerationResult> outcome = new CompletableFuture<>();
  private final List<OutputState> outputs = new ArrayList<>();
  private final TokenLogprobs[] promptLogprobs;
  private final long submitted = System.nanoTime();
  private long scheduled;
  private long firstToken;
  private long lastToken;
  private int unfinished;
  private Engine home;

  GenerationTask(Request request, GenerationListener listener, Consumer<GenerationTask> canceller) {
    this.request = request;
    this.listener = listener;
    this.canceller = canceller;
    this.unfinished = request.params().n();
    this.promptLogprobs =
        request.params().promptLogprobs() == null
            ? null
            : new TokenLogprobs[request.promptTokens().length];
  }

  @Override
  public Request request() {
    return request;
  }

  @Override
  public void cancel() {
    if (!outcome.isDone()) canceller.accept(this);
  }

  @Override
  public GenerationResult await() throws InterruptedException {
    try {
      return outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new EngineLostException("the engine failed", e.getCause());
    }
  }

  /** The engine of a group that it went to, or null while it waits; the group's lock guards it. */
  Engine home() {
    return home;
  }

  void home(Engine engine) {
    home = engine;
  }

  List<OutputState> outputs() {
    return outputs;
  }

  boolean done() {
    return outcome.isDone();
  }

  /** True the first time. */
  boolean markScheduled(long now) {
    if (scheduled != 0) return false;
    scheduled = now;
    return true;
  }

  void promptLogprob(int position, TokenLogprobs logprobs) {
    promptLogprobs[position] = logprobs;
  }

  /**
   * Passes on what an output gained.
   *
   * @return false where the listener threw, which ends the request
   */
  boolean deliver(Delta delta, long now) {
    if (delta.tokens().length > 0) {
      if (firstToken == 0) firstToken = now;
      lastToken = now;
    }
    if (delta.finish() != null) unfinished--;
    try {
      if (listener != null) listener.onDelta(delta);
      if (unfinished == 0) complete();
      return true;
    } catch (RuntimeException e) {
      outcome.completeExceptionally(e);
      return false;
    }
  }

  private void complete() {
    List<GenerationResult.Output> results = new ArrayList<>();
    for (OutputState output : outputs) results.add(output.result());
    GenerationResult result =
        new GenerationResult(
            request,
            results,
            promptLogprobs == null ? null : Arrays.asList(promptLogprobs),
            outputs.getFirst().sequence().cachedTokens(),
            new GenerationResult.Timing(submitted, scheduled, firstToken, lastToken));
    try {
      if (listener != null) listener.onDone(result);
    } finally {
      outcome.complete(result);
    }
  }

  /** The engine is lost. */
  void fail(RuntimeException error) {
    if (outcome.isDone()) return;
    try {
      if (listener != null) listener.onError(error);
    } catch (RuntimeException e) {
      error.addSuppressed(e);
    } finally {
      outcome.completeExceptionally(error);
    }
  }
}
