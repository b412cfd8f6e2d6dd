package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much may be in flight, from a line's admission until its result is written: so many lines,
 * and so many bytes of them (a line larger than that goes alone). Knows from where on the input is
 * unanswered.
 */
final class Window {
  private final int maxLines;
  private final long maxBytes;

  /** Where each line in flight starts, by its position in the input. */
  private final TreeMap<Long, Long> inFlight = new TreeMap<>();

  private long bytes;
  private boolean stopped;
  private Frontier next;

  Window(int maxLines, long maxBytes) {
    this(maxLines, maxBytes, Frontier.START);
  }

  Window(int maxLines, long maxBytes, Frontier start) {
    this.maxLines = maxLines;
    this.maxBytes = maxBytes;
    next = start;
  }

  int maxLines() {
    return maxLines;
  }

  /** Waits for room for a line; false when stopped. */
  synchronized boolean enter(Line line) throws InterruptedException {
    long lineBytes = line.keptBytes();
    while (!stopped
        && !inFlight.isEmpty()
        && (inFlight.size() >= maxLines || bytes + lineBytes > maxBytes)) wait();
    if (stopped) return false;
    inFlight.put(line.number(), line.startByte());
    bytes += lineBytes;
    next = new Frontier(line.number() + 1, line.endByte());
    return true;
  }

  /** A line that needs nothing; false when stopped. */
  synchronized boolean pass(Line line) {
    next = new Frontier(line.number() + 1, line.endByte());
    return !stopped;
  }

  synchronized void leave(List<Ready> lines) {
    for (Ready line : lines) {
      inFlight.remove(line.key().number());
      bytes -= line.keptBytes();
    }
    if (inFlight.isEmpty()
        || Room.isWorthWaking(inFlight.size(), maxLines) && Room.isWorthWaking(bytes, maxBytes))
      notifyAll();
  }

  /** Every line before it has its result. */
  synchronized Frontier frontier() {
    Map.Entry<Long, Long> first = inFlight.firstEntry();
    return first == null ? next : new Frontier(first.getKey(), first.getValue());
  }

  /** Waits until nothing is in flight; false when the window is stopped. */
  synchronized boolean awaitEmpty() throws InterruptedException {
    while (!stopped && !inFlight.isEmpty()) wait();
    return !stopped;
  }

  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  synchronized int lines() {
    return inFlight.size();
  }
}
