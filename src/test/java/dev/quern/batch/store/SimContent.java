package dev.quern.batch.store;

import java.util.Arrays;
import java.util.Random;

/** What a file of a {@link SimDisk} holds, and how much of it is durable. */
final class SimContent {
  private byte[] bytes = new byte[0];
  private byte[] synced = new byte[0];

  byte[] bytes() {
    return bytes;
  }

  void write(byte[] from, int count, long position) {
    int end = Math.toIntExact(position + count);
    if (end > bytes.length) bytes = Arrays.copyOf(bytes, end);
    System.arraycopy(from, 0, bytes, (int) position, count);
  }

  void truncate(long size) {
    if (size < bytes.length) bytes = Arrays.copyOf(bytes, (int) size);
  }

  void sync() {
    synced = bytes.clone();
  }

  /** Leaves something between what was synced and what was written; a lost block reads as zeros. */
  void cutPower(Random random) {
    int least = synced.length;
    if (bytes.length < least) {
      if (!random.nextBoolean()) bytes = synced;
      return;
    }
    byte[] after = Arrays.copyOf(bytes, least + random.nextInt(bytes.length - least + 1));
    if (random.nextInt(3) == 0 && after.length > least)
      Arrays.fill(after, least + random.nextInt(after.length - least), after.length, (byte) 0);
    // Pages that were overwritten may be old or new.
    for (int i = 0; i < least; i++)
      if (after[i] != synced[i] && i % 8 == 0 && random.nextBoolean())
        System.arraycopy(synced, i, after, i, Math.min(8, least - i));
    bytes = after;
  }
}
