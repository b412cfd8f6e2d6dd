package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.ALL;
import static dev.quern.backend.cpu.Lanes.INTS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.LITTLE;
import static dev.quern.backend.cpu.Lanes.store;

import dev.quern.backend.DType;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Widens columns of a 16-bit panel to [count, 32] floats. */
final class WidePanel {
  private WidePanel() {}

  static void widen(DType dtype, long part, int count, long target) {
    if (dtype == DType.BF16) {
      bf16(part, count * 16, target);
    } else {
      f16(part, count * 16, target);
    }
  }

  private static void bf16(long part, int pairs, long target) {
    for (int i = 0; i < pairs; i += LANES) {
      IntVector values = IntVector.fromMemorySegment(INTS, ALL, part + i * 4L, LITTLE);
      long out = target + (i / 16 * 32 + i % 16) * 4L;
      store(values.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), out);
      store(values.and(0xffff_0000).reinterpretAsFloats(), out + 64);
    }
  }

  private static void f16(long part, int pairs, long target) {
    for (int i = 0; i < pairs; i += LANES) {
      IntVector values = IntVector.fromMemorySegment(INTS, ALL, part + i * 4L, LITTLE);
      long out = target + (i / 16 * 32 + i % 16) * 4L;
      store(VectorMath.highHalfs(values.lanewise(VectorOperators.LSHL, 16)), out);
      store(VectorMath.highHalfs(values), out + 64);
    }
  }
}
