package dev.quern.bench;

/** Checks of flags. */
final class Bounds {
  private Bounds() {}

  static void requireAtLeast(String flag, int value, int least) {
    if (value < least)
      throw new IllegalArgumentException(flag + " must be at least " + least + ", got " + value);
  }
}
