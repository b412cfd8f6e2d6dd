package dev.quern.openai;

import dev.quern.engine.Delta;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.TokenLogprobs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Carries deltas from the engine's thread, which must never block, to the thread that writes to a
 * client, which may be slow.
 *
 * <p>Bounded: once {@link #MAX_WAITING} deltas wait, a new one is merged into the waiting one of
 * its choice, so a slow client gets larger chunks and nothing is lost. In what comes out, {@link
 * Delta#index} is the choice: prompt × n + output.
 */
final class ChunkQueue {
  private static final int MAX_WAITING = 256;

  private final int n;
  private List<Delta> waiting = new ArrayList<>();
  private final GenerationResult[] results;
  private int unfinished;
  private RuntimeException failure;
  private boolean closed;

  ChunkQueue(int prompts, int n) {
    this.n = n;
    results = new GenerationResult[prompts];
    unfinished = prompts;
  }

  GenerationListener listener(int prompt) {
    return new GenerationListener() {
      @Override
      public void onDelta(Delta delta) {
        add(prompt * n + delta.index(), delta);
      }

      @Override
      public void onDone(GenerationResult result) {
        done(prompt, result);
      }

      @Override
      public void onError(RuntimeException error) {
        fail(error);
      }
    };
  }

  private synchronized void add(int choice, Delta delta) {
    if (closed) return;
    Delta moved =
        new Delta(
            choice,
            delta.tokens(),
            delta.text(),
            delta.logprobs(),
            delta.finish(),
            delta.stopReason());
    if (waiting.size() < MAX_WAITING || !merge(moved)) waiting.add(moved);
    notifyAll();
  }

  private boolean merge(Delta delta) {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      Delta earlier = waiting.get(i);
      if (earlier.index() != delta.index()) continue;
      waiting.set(i, joined(earlier, delta));
      return true;
    }
    return false;
  }

  private static Delta joined(Delta a, Delta b) {
    int[] tokens = Arrays.copyOf(a.tokens(), a.tokens().length + b.tokens().length);
    System.arraycopy(b.tokens(), 0, tokens, a.tokens().length, b.tokens().length);
    List<TokenLogprobs> logprobs = new ArrayList<>(a.logprobs());
    logprobs.addAll(b.logprobs());
    return new Delta(a.index(), tokens, a.text() + b.text(), logprobs, b.finish(), b.stopReason());
  }

  private synchronized void done(int prompt, GenerationResult result) {
    results[prompt] = result;
    unfinished--;
    notifyAll();
  }

  private synchronized void fail(RuntimeException error) {
    failure = error;
    notifyAll();
  }

  /** Wakes the reader, which sees the end; what comes later is dropped. */
  synchronized void close() {
    closed = true;
    waiting.clear();
    notifyAll();
  }

  /**
   * Waits for deltas and takes all that are there, oldest first; empty at the end.
   *
   * @throws RuntimeException the engine's failure
   */
  synchronized List<Delta> take() throws InterruptedException {
    while (waiting.isEmpty() && unfinished > 0 && failure == null && !closed) wait();
    if (!waiting.isEmpty()) {
      List<Delta> taken = waiting;
      waiting = new ArrayList<>();
      return taken;
    }
    if (failure != null) throw failure;
    return List.of();
  }

  /** Whether the end came by {@link #close}. */
  synchronized boolean isClosed() {
    return closed;
  }

  /** The results by prompt, after the end. */
  synchronized List<GenerationResult> results() {
    return List.of(results);
  }
}
