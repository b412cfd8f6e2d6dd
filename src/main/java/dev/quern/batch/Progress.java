package dev.quern.batch;

import java.io.PrintStream;
import java.util.Locale;

/**
 * A bar on the terminal's last line, redrawn a few times a second; nothing at all where standard
 * error is no terminal. Used by one thread.
 */
final class Progress {
  private static final long REDRAW_NANOS = 150_000_000;
  private static final int BAR_CELLS = 24;

  /** Null where there is no terminal. */
  private final PrintStream terminal;

  /** Null where the input's size is not known. */
  private final Long totalBytes;

  private boolean drawn;
  private long drawnNanos;

  Progress(PrintStream terminal, Long totalBytes) {
    this.terminal = terminal;
    this.totalBytes = totalBytes;
  }

  /** Takes the bar away, so that something else can be written. */
  void clear() {
    if (!drawn) return;
    terminal.print("\r\033[K");
    terminal.flush();
    drawn = false;
  }

  /**
   * Draws the bar if it is due.
   *
   * @param outputTokens those of unfinished lines among them
   */
  void tick(Tally tally, long readBytes, int linesInFlight, long outputTokens) {
    long now = System.nanoTime();
    if (terminal == null || (drawn && now - drawnNanos < REDRAW_NANOS)) return;
    terminal.print("\r" + text(tally, readBytes, linesInFlight, outputTokens) + "\033[K");
    terminal.flush();
    drawn = true;
    drawnNanos = now;
  }

  /** What is read but not yet answered counts as not done. */
  private String text(Tally tally, long readBytes, int linesInFlight, long outputTokens) {
    StringBuilder text = new StringBuilder();
    if (totalBytes != null && totalBytes > 0) {
      double read = Math.min(1, (double) readBytes / totalBytes);
      double done = read * tally.requests() / Math.max(1, tally.requests() + linesInFlight);
      int cells = (int) (done * BAR_CELLS);
      text.append('[')
          .append("█".repeat(cells))
          .append("·".repeat(BAR_CELLS - cells))
          .append("] ")
          .append((int) (done * 100))
          .append("%  ");
    }
    text.append(tally.requests()).append(" lines");
    if (tally.failed() > 0) text.append(", ").append(tally.failed()).append(" failed");
    text.append(", ").append(linesInFlight).append(" in flight, ");
    text.append(
        String.format(
            Locale.ROOT, "%,d tokens, %.0f/s", outputTokens, outputTokens / tally.runSeconds()));
    return text.toString();
  }
}
