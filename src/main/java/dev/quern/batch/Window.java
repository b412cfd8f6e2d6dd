package dev.quern.batch;

/**
 * How much may be in flight, from a line's admission until its result is written: so many lines,
 * and so many bytes of them (a line larger than that goes alone).
 */
final class Window {
  private final int maxLines;
  private final long maxBytes;
  private int lines;
  private long bytes;
  private boolean stopped;

  Window(int maxLines, long maxBytes) {
    this.maxLines = maxLines;
    this.maxBytes = maxBytes;
  }

  /** Waits for room; false when stopped. */
  synchronized boolean enter(long lineBytes) throws InterruptedException {
    while (!stopped && lines > 0 && (lines >= maxLines || bytes + lineBytes > maxBytes)) wait();
    if (stopped) return false;
    lines++;
    bytes += lineBytes;
    return true;
  }

  synchronized void leave(long lineBytes) {
    lines--;
    bytes -= lineBytes;
    notifyAll();
  }

  /** Waits until a line leaves, for a while at most; false when stopped. */
  synchronized boolean awaitChange(long millis) throws InterruptedException {
    if (!stopped) wait(millis);
    return !stopped;
  }

  /** Waits until nothing is in flight or the window is stopped. */
  synchronized void awaitEmpty() throws InterruptedException {
    while (!stopped && lines > 0) wait();
  }

  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  synchronized int lines() {
    return lines;
  }
}
