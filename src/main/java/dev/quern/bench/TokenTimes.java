package dev.quern.bench;

import dev.quern.engine.Delta;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;

/** When each token of a request's one output came. Written by the engine's thread. */
final class TokenTimes implements GenerationListener {
  /** Of {@link System#nanoTime}; as many as {@link #tokens}. */
  final long[] nanos;

  int tokens;

  TokenTimes(int maxTokens) {
    nanos = new long[maxTokens];
  }

  @Override
  public void onDelta(Delta delta) {
    long now = System.nanoTime();
    for (int i = 0; i < delta.tokens().length; i++) nanos[tokens++] = now;
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
