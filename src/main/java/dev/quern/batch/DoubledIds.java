package dev.quern.batch;

import java.nio.charset.StandardCharsets;

/**
 * Counts custom_ids that come again, in memory that does not grow: the hashes of the last {@value
 * #SLOTS} ids, each in the one slot that it may have. Ids that are farther apart may go unnoticed,
 * none is told of wrongly but for one in 2^64.
 */
final class DoubledIds {
  private static final int SLOTS = 1 << 20;
  private static final int PAGE_SLOTS = 1 << 10;

  /** Made when first used: a small job needs few. */
  private final long[][] pages = new long[SLOTS / PAGE_SLOTS][];

  private long doubled;
  private String example;

  void onId(String customId) {
    long hash = hash(customId);
    int slot = (int) (hash >>> 32) & SLOTS - 1;
    int page = slot / PAGE_SLOTS;
    if (pages[page] == null) pages[page] = new long[PAGE_SLOTS];
    long[] slots = pages[page];
    int at = slot % PAGE_SLOTS;
    if (slots[at] == hash) {
      doubled++;
      if (example == null) example = LineJson.shortened(customId);
    }
    slots[at] = hash;
  }

  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) hash = (hash ^ b & 0xff) * 0x100000001b3L;
    hash ^= hash >>> 32;
    return hash * 0x9E3779B97F4A7C15L;
  }

  long doubled() {
    return doubled;
  }

  String example() {
    return example;
  }
}
