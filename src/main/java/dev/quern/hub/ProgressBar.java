package dev.quern.hub;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Shows a download on one line with rate and time left; where the output is no terminal, as a plain
 * line now and then.
 */
public final class ProgressBar implements DownloadListener {
  private static final long REDRAW_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int WIDTH = 24;

  private final PrintStream out;
  private final boolean terminal;
  private String name;
  private int files;
  private long total;
  private long done;
  private long received;
  private long startNanos;
  private long drawnNanos;

  public ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public synchronized void begin(String name, int files, long bytes) {
    this.name = name;
    this.files = files;
    this.total = bytes;
    this.done = 0;
    this.received = 0;
    startNanos = System.nanoTime();
    drawnNanos = startNanos;
    draw(System.nanoTime());
  }

  @Override
  public synchronized void bytes(long count, boolean kept) {
    done += count;
    if (!kept) received += Math.max(0, count);
    long now = System.nanoTime();
    if (now - drawnNanos >= (terminal ? REDRAW_NANOS : PLAIN_NANOS)) draw(now);
  }

  @Override
  public synchronized void note(String text) {
    out.println((terminal ? "\r\u001b[K" : "") + text);
  }

  @Override
  public synchronized void end() {
    draw(System.nanoTime());
    if (terminal) out.println();
    out.flush();
  }

  private void draw(long now) {
    drawnNanos = now;
    String line = line(name, files, done, total, received, now - startNanos);
    if (terminal) out.print("\r" + line + "\u001b[K");
    else out.println(line);
    out.flush();
  }

  /** Such as {@code o/m: 5 files [#### ] 42% 1.2/2.9 GB 85.1 MB/s 0:20 left}. */
  static String line(String name, int files, long done, long total, long received, long nanos) {
    double share = total == 0 ? 1 : Math.clamp((double) done / total, 0, 1);
    int full = (int) (share * WIDTH);
    double rate = nanos == 0 ? 0 : received * 1e9 / nanos;
    boolean over = done >= total;
    String left = over || rate == 0 ? "" : " " + clock((long) ((total - done) / rate)) + " left";
    return String.format(
        Locale.ROOT,
        "%s: %d %s [%s%s] %3d%% %s of %s %s/s%s",
        name,
        files,
        files == 1 ? "file" : "files",
        "#".repeat(full),
        " ".repeat(WIDTH - full),
        (int) (share * 100),
        size(done),
        size(total),
        size((long) rate),
        left);
  }

  private static String size(long bytes) {
    if (bytes < 1000) return bytes + " B";
    if (bytes < 1_000_000) return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
    if (bytes < 1_000_000_000) return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }

  private static String clock(long seconds) {
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
