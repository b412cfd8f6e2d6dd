package dev.quern.batch;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a job early: on a signal, or at its deadline. The program's end waits until {@link #close},
 * so that what is finished gets written.
 */
final class Stop implements AutoCloseable {
  private static final long MAX_WAIT_SECONDS = 20;

  private final Runnable stop;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onSignal, "batch-stop");
  private volatile int exitCode = ExitCode.DONE;

  /**
   * @param stop called from another thread
   * @param deadline from now; or null
   */
  Stop(Runnable stop, Duration deadline) {
    this.stop = stop;
    Runtime.getRuntime().addShutdownHook(hook);
    if (deadline != null)
      Thread.ofVirtual().name("batch-deadline").start(() -> awaitDeadline(deadline));
  }

  private void onSignal() {
    exitCode = ExitCode.STOPPED;
    stop.run();
    awaitClosed(MAX_WAIT_SECONDS * 1000);
  }

  private void awaitDeadline(Duration deadline) {
    if (awaitClosed(Math.max(0, deadline.toMillis()))) return;
    exitCode = ExitCode.DEADLINE;
    stop.run();
  }

  private boolean awaitClosed(long millis) {
    try {
      return closed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Why the job was stopped, as its exit code. */
  int exitCode() {
    return exitCode;
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending: the hook is what waits for us.
    }
  }
}
