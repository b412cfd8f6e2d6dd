package dev.quern.cli;

import java.util.Locale;

/** Sizes of files as a person reads them. */
final class Sizes {
  private Sizes() {}

  /** Such as {@code 269.1 MB}; units of 1000. */
  static String text(long bytes) {
    if (bytes < 1_000_000) {
      return String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
    }
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
