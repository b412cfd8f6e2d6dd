package dev.quern.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** What the launches of one kernel took together. */
public record KernelShare(String name, long launches, double seconds) {
  private static final int MOST_LINES = 30;

  static void print(List<KernelShare> shares, PrintStream out) {
    double all = 0;
    for (KernelShare share : shares) all += share.seconds;
    out.printf(Locale.ROOT, "%nTime by kernel in one run, %.4f s in all:%n", all);
    for (KernelShare share : shares.subList(0, Math.min(MOST_LINES, shares.size())))
      out.printf(
          Locale.ROOT,
          "  %5.1f%% %9.3f ms %8d × %9.2f us  %s%n",
          100 * share.seconds / all,
          1e3 * share.seconds,
          share.launches,
          1e6 * share.seconds / share.launches,
          share.name);
  }
}
