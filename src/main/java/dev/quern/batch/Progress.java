package dev.quern.batch;

import java.io.PrintStream;
import java.util.Locale;

/**
 * How far a job is: a bar on the terminal's last line, redrawn a few times a second, or a plain
 * line every ten seconds where standard error is no terminal. Used by one thread.
 */
final class Progress {
  private static final long REDRAW_NANOS = 150_000_000;
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int BAR_CELLS = 24;

  private final PrintStream out;
  private final boolean terminal;

  /** Null where the input's size is not known. */
  private final Long totalBytes;

  private boolean drawn;
  private long drawnNanos = System.nanoTime();
  private long startBytes = -1;

  Progress(PrintStream out, boolean terminal, Long totalBytes) {
    this.out = out;
    this.terminal = terminal;
    this.totalBytes = totalBytes;
  }

  /** Takes the bar away, so that something else can be written. */
  void clear() {
    if (!drawn) return;
    out.print("\r\033[K");
    out.flush();
    drawn = false;
  }

  /**
   * Draws the bar, or prints the line, if it is due.
   *
   * @param outputTokens those of unfinished lines among them
   * @param kvUse share of the KV cache, 0…1
   */
  void tick(Tally tally, long readBytes, int linesInFlight, long outputTokens, double kvUse) {
    if (startBytes < 0) startBytes = readBytes;
    long now = System.nanoTime();
    if (terminal ? drawn && now - drawnNanos < REDRAW_NANOS : now - drawnNanos < LINE_NANOS) return;
    String text = text(tally, readBytes, linesInFlight, outputTokens, kvUse);
    if (terminal) out.print("\r" + text + "\033[K");
    else out.println(text);
    out.flush();
    drawn = terminal;
    drawnNanos = now;
  }

  /** What is read but not yet answered counts as not done. */
  private String text(
      Tally tally, long readBytes, int linesInFlight, long outputTokens, double kvUse) {
    StringBuilder text = new StringBuilder();
    double answered = (double) tally.requests() / Math.max(1, tally.requests() + linesInFlight);
    if (totalBytes != null && totalBytes > 0) {
      double done = Math.min(1, (startBytes + (readBytes - startBytes) * answered) / totalBytes);
      if (terminal) {
        int cells = (int) (done * BAR_CELLS);
        text.append('[').append("█".repeat(cells));
        text.append("·".repeat(BAR_CELLS - cells)).append("] ");
      }
      text.append((int) (done * 100)).append("%  ");
    }
    text.append(tally.requests()).append(" lines");
    if (tally.failed() > 0) text.append(", ").append(tally.failed()).append(" failed");
    text.append(", ").append(linesInFlight).append(" in flight, ");
    double seconds = tally.runSeconds();
    text.append(
        String.format(
            Locale.ROOT,
            "%,d tokens, %.0f/s, KV %.0f%%",
            outputTokens,
            outputTokens / seconds,
            100 * kvUse));
    double answeredBytes = (readBytes - startBytes) * answered;
    if (totalBytes != null && answeredBytes > 0)
      text.append(", ")
          .append(duration((totalBytes - startBytes - answeredBytes) * seconds / answeredBytes))
          .append(" left");
    return text.toString();
  }

  static String duration(double seconds) {
    long whole = Math.round(Math.max(0, seconds));
    if (whole < 60) return whole + " s";
    if (whole < 3600) return whole / 60 + " min " + whole % 60 + " s";
    return whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }
}
