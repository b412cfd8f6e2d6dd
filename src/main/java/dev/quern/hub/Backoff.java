package dev.quern.hub;

import java.util.concurrent.ThreadLocalRandom;

/** Waits between tries that fail, longer each time, and gives up when none makes progress. */
final class Backoff {
  private static final long MAX_PAUSE_MILLIS = 20_000;

  /** Without a network nothing gets better soon, and the error helps more than the wait. */
  private static final int NO_NETWORK_ATTEMPTS = 3;

  private final HubOptions options;
  private int failures;

  Backoff(HubOptions options) {
    this.options = options;
  }

  /** Something came through: the next failure is a first one. */
  void progress() {
    failures = 0;
  }

  /**
   * Waits before the next try.
   *
   * @throws HubException {@code failure} itself, when another try cannot help or enough were made
   */
  void pauseAfter(HubException failure) {
    failures++;
    boolean noNetwork = failure.kind() == HubException.Kind.NO_NETWORK;
    int most = noNetwork ? Math.min(NO_NETWORK_ATTEMPTS, options.attempts()) : options.attempts();
    if (!failure.kind().retryable() || failures >= most) throw failure;
    long pause = options.firstPause().toMillis() << Math.min(failures - 1, 10);
    pause = Math.min(pause, MAX_PAUSE_MILLIS);
    // Many that failed together must not come back together.
    pause = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    try {
      Thread.sleep(Math.max(pause, failure.retryAfterSeconds() * 1000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
