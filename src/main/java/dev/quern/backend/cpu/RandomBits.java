package dev.quern.backend.cpu;

import dev.quern.backend.DType;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Random weights, uniform in ±scale, as bit patterns of a type: element i of a seed is a function
 * of both alone, so that any thread may make any piece. Four elements come of one splitmix64 hash,
 * 16 bits each, by a table of the 65536 values.
 */
final class RandomBits {
  private static final int VALUES = 1 << 16;
  private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;
  private static final ConcurrentHashMap<Key, RandomBits> TABLES = new ConcurrentHashMap<>();

  private record Key(DType dtype, float scale) {}

  private final int[] table = new int[VALUES];

  private RandomBits(Key key) {
    for (int i = 0; i < VALUES; i++) {
      float unit = (i + 0.5f) * (2f / VALUES) - 1;
      table[i] = Bits.fromFloat(key.dtype, unit * key.scale);
    }
  }

  static RandomBits of(DType dtype, float scale) {
    return TABLES.computeIfAbsent(new Key(dtype, scale), RandomBits::new);
  }

  void read(long seed, long first, int count, int[] target, int offset) {
    long start = mix(seed);
    long group = -1;
    long word = 0;
    for (int i = 0; i < count; i++) {
      long element = first + i;
      if (element >>> 2 != group) {
        group = element >>> 2;
        word = mix(start + group * GOLDEN_GAMMA);
      }
      target[offset + i] = table[(int) (word >>> ((element & 3) * 16)) & 0xffff];
    }
  }

  /** The finaliser of splitmix64 (Steele, Lea, Flood 2014). */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return z ^ (z >>> 31);
  }
}
