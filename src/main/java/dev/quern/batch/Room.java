package dev.quern.batch;

/**
 * When a thread that waits for room is woken: once an eighth of all is free, not for each line. On
 * a CPU the engine has all cores, and each thread that is woken takes one from it.
 */
final class Room {
  private static final int PARTS = 8;

  private Room() {}

  /** An eighth, at least 1. */
  static int part(int most) {
    return Math.max(1, most / PARTS);
  }

  static boolean isWorthWaking(long used, long most) {
    return used <= most - Math.max(1, most / PARTS);
  }
}
