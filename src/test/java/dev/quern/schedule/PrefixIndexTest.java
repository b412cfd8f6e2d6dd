package dev.quern.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PrefixIndexTest {
  /** Few low halves, so that entries crowd and wrap around; a map is the oracle. */
  @Test
  void agreesWithAMap() {
    Random random = new Random(1);
    int blocks = 64;
    PrefixIndex index = new PrefixIndex(blocks);
    Map<Long, Integer> oracle = new HashMap<>();
    long[] keys = new long[blocks];
    for (int i = 0; i < 100_000; i++) {
      int block = random.nextInt(blocks);
      long key = random.nextInt(120);
      long low = 250 + key % 10;
      if (index.contains(block)) {
        index.remove(block);
        oracle.remove(keys[block]);
      } else {
        assertEquals(!oracle.containsKey(key), index.enter(block, low, key));
        if (oracle.putIfAbsent(key, block) == null) keys[block] = key;
      }
      long probe = random.nextInt(120);
      assertEquals(oracle.getOrDefault(probe, -1), index.find(250 + probe % 10, probe));
    }
  }

  @Test
  void hashesDependOnEveryIdAndOnTheSalt() {
    BlockHash hash = new BlockHash(4);
    int[] ids = {1, 2, 3, 4, 5, 6, 7, 8};
    long[] base = new long[4];
    hash.next(base, 0, ids, 0, 4, null);
    hash.next(base, 1, ids, 4, 4, null);
    for (int changed = 0; changed < 8; changed++) {
      int[] other = ids.clone();
      other[changed] ^= 1 << 16;
      long[] hashes = new long[4];
      hash.next(hashes, 0, other, 0, 4, null);
      hash.next(hashes, 1, other, 4, 4, null);
      assertEquals(changed >= 4, hashes[0] == base[0] && hashes[1] == base[1]);
      assertFalse(hashes[2] == base[2] || hashes[3] == base[3]);
    }
    long[] salted = new long[4];
    hash.next(salted, 0, ids, 0, 4, new byte[0]);
    assertTrue(salted[0] != base[0] && salted[1] != base[1]);
  }
}
