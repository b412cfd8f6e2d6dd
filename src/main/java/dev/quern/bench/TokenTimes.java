package dev.quern.bench;

import dev.quern.engine.Delta;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import java.util.concurrent.CountDownLatch;

/**
 * When each token of a request's one output came. Written by the engine's thread, which it holds
 * until the whole batch is submitted: else, where the submitting thread is held up, the first
 * sequence may end before the last begins, and no step has them all.
 */
final class TokenTimes implements GenerationListener {
  /** Of {@link System#nanoTime}; as many as {@link #tokens}. */
  final long[] nanos;

  int tokens;

  private final CountDownLatch submitted;

  TokenTimes(int maxTokens, CountDownLatch submitted) {
    nanos = new long[maxTokens];
    this.submitted = submitted;
  }

  @Override
  public void onDelta(Delta delta) {
    long now = System.nanoTime();
    for (int i = 0; i < delta.tokens().length; i++) nanos[tokens++] = now;
    try {
      submitted.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void onDone(GenerationResult result) {}

  @Override
  public void onError(RuntimeException error) {}

  long first() {
    return nanos[0];
  }

  long last() {
    return nanos[tokens - 1];
  }

  /** Tokens after {@code from} and not after {@code to}. */
  int between(long from, long to) {
    return countUntil(to) - countUntil(from);
  }

  /** Tokens that had come at {@code time}. */
  int countUntil(long time) {
    int count = 0;
    while (count < tokens && nanos[count] <= time) count++;
    return count;
  }
}
