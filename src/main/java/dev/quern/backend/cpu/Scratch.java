package dev.quern.backend.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One worker's own memory, with any content, kept from op to op. */
final class Scratch {
  private final MemorySegment wide = Arena.ofAuto().allocate(VectorLinear.WIDE_BYTES, 64);
  private float[] floats = new float[0];
  private AttentionScratch attention;
  private int attentionDim;

  /** Address of a widened piece of a panel. */
  long wide() {
    return wide.address();
  }

  /** At least {@code count} floats. */
  float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  AttentionScratch attention(int headDim) {
    if (attention == null || attentionDim != headDim) {
      attention = new AttentionScratch(headDim);
      attentionDim = headDim;
    }
    return attention;
  }

  static Scratch[] of(int workers) {
    Scratch[] all = new Scratch[workers];
    for (int i = 0; i < workers; i++) {
      all[i] = new Scratch();
    }
    return all;
  }
}
