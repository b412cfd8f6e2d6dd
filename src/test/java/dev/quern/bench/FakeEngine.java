package dev.quern.bench;

import dev.quern.backend.DType;
import dev.quern.engine.CapacityException;
import dev.quern.engine.Delta;
import dev.quern.engine.EngineStats;
import dev.quern.engine.FinishReason;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.Generator;
import dev.quern.engine.Request;
import dev.quern.settings.EngineSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Runs nothing until its batch is full; then each step gives every sequence a token, the first step
 * one less: the first {@code early} sequences get theirs a step before the others.
 */
final class FakeEngine implements Generator {
  private record Running(
      Request request, GenerationListener listener, CompletableFuture<GenerationResult> done)
      implements Generation {
    @Override
    public void cancel() {}

    @Override
    public GenerationResult await() throws InterruptedException {
      try {
        return done.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private final int batchSize;
  private final int early;
  private final List<Running> running = new ArrayList<>();
  private volatile long steps;

  FakeEngine(int batchSize, int early) {
    this.batchSize = batchSize;
    this.early = early;
  }

  BenchTarget target(List<Limits> measured) {
    return new BenchTarget(
        "fake",
        "none",
        1,
        this,
        ModelCostTest.spec(8, 2, 1, 16, 3, 100),
        DType.F32,
        () -> {
          Limits limits = new Limits(1e9, 1e10, "moves 1 GB/s");
          measured.add(limits);
          return limits;
        },
        null);
  }

  @Override
  public synchronized Generation submit(Request request, GenerationListener listener) {
    if (running.size() == batchSize) throw new CapacityException("full");
    Running generation = new Running(request, listener, new CompletableFuture<>());
    running.add(generation);
    if (running.size() == batchSize) Thread.ofPlatform().start(this::runAll);
    return generation;
  }

  private synchronized void runAll() {
    long scheduled = System.nanoTime();
    int outputs = running.getFirst().request.params().maxTokens();
    long[] first = new long[batchSize];
    int[] given = new int[batchSize];
    for (int step = 0; step <= outputs; step++) {
      try {
        Thread.sleep(2);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      steps += 1; // by this thread only
      for (int i = 0; i < batchSize; i++) {
        if ((step == 0 && i >= early) || given[i] == outputs) continue;
        if (given[i]++ == 0) first[i] = System.nanoTime();
        Running r = running.get(i);
        FinishReason finish = given[i] == outputs ? FinishReason.LENGTH : null;
        if (r.listener != null)
          r.listener.onDelta(new Delta(0, new int[] {7}, "", List.of(), finish, null));
      }
    }
    for (int i = 0; i < batchSize; i++)
      running
          .get(i)
          .done
          .complete(
              new GenerationResult(
                  running.get(i).request,
                  List.of(
                      new GenerationResult.Output(
                          0, new int[outputs], "", null, FinishReason.LENGTH, null)),
                  null,
                  0,
                  new GenerationResult.Timing(scheduled, scheduled, first[i], System.nanoTime())));
    running.clear();
  }

  @Override
  public EngineSettings settings() {
    return new EngineSettings(4096, 8, 64, 16, 1000, false, true, 0, 20, 0, 0);
  }

  @Override
  public EngineStats stats() {
    return new EngineStats(0, 0, 0, 0, 0, 0, 0, 0, 0, steps);
  }

  @Override
  public boolean isAlive() {
    return true;
  }
}
