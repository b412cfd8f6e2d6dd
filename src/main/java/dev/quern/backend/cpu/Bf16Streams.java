package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.ALL;
import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.INTS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.LITTLE;
import static dev.quern.backend.cpu.Lanes.prefetch;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The kernels of {@link Bf16Kernels} that memory bounds most, with prefetches: one row, and eight.
 *
 * <p>Out of memory, arithmetic and waiting do not overlap by themselves: the loads of a column wait
 * 200 ns and more, a core looks 512 instructions ahead, and at eight rows these are 13 columns, 50
 * ns. On 2 cores of a Sapphire Rapids server (reads 29 GB/s) eight rows go from 12 to 20 GB/s with
 * the prefetches, one row from 24 to 27.
 *
 * <p>Addresses and sums as there; {@link #PREFETCH_BYTES} behind the last panel must be writable.
 */
final class Bf16Streams {
  /** Bytes from one column to the next. */
  private static final int STEP = 64;

  /** Bytes between a prefetch and its use: some 300 ns of arithmetic, no multiple of a page. */
  private static final int AHEAD = 6144;

  /** The same where four panels pass. */
  private static final int ROW_AHEAD = 1024;

  static final long PREFETCH_BYTES = AHEAD + STEP;

  private Bf16Streams() {}

  /** Continues the chains of 8 rows with one panel: x is [cols, 8] from {@code from} on. */
  static void rows8(long p, int cols, float[] x, int from, float[] sums, int at) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int a = at + lane;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, a);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, a + 16);
      FloatVector a1 = FloatVector.fromArray(FLOATS, sums, a + 32);
      FloatVector b1 = FloatVector.fromArray(FLOATS, sums, a + 48);
      FloatVector a2 = FloatVector.fromArray(FLOATS, sums, a + 64);
      FloatVector b2 = FloatVector.fromArray(FLOATS, sums, a + 80);
      FloatVector a3 = FloatVector.fromArray(FLOATS, sums, a + 96);
      FloatVector b3 = FloatVector.fromArray(FLOATS, sums, a + 112);
      FloatVector a4 = FloatVector.fromArray(FLOATS, sums, a + 128);
      FloatVector b4 = FloatVector.fromArray(FLOATS, sums, a + 144);
      FloatVector a5 = FloatVector.fromArray(FLOATS, sums, a + 160);
      FloatVector b5 = FloatVector.fromArray(FLOATS, sums, a + 176);
      FloatVector a6 = FloatVector.fromArray(FLOATS, sums, a + 192);
      FloatVector b6 = FloatVector.fromArray(FLOATS, sums, a + 208);
      FloatVector a7 = FloatVector.fromArray(FLOATS, sums, a + 224);
      FloatVector b7 = FloatVector.fromArray(FLOATS, sums, a + 240);
      for (int k = 0; k < cols; k++) {
        long column = p + (long) k * STEP + lane * 4L;
        prefetch(column + AHEAD);
        IntVector pairs = IntVector.fromMemorySegment(INTS, ALL, column, LITTLE);
        FloatVector low = pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        FloatVector high = pairs.and(0xffff_0000).reinterpretAsFloats();
        int place = from + k * 8;
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[place]);
        a0 = x0.fma(low, a0);
        b0 = x0.fma(high, b0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, x[place + 1]);
        a1 = x1.fma(low, a1);
        b1 = x1.fma(high, b1);
        FloatVector x2 = FloatVector.broadcast(FLOATS, x[place + 2]);
        a2 = x2.fma(low, a2);
        b2 = x2.fma(high, b2);
        FloatVector x3 = FloatVector.broadcast(FLOATS, x[place + 3]);
        a3 = x3.fma(low, a3);
        b3 = x3.fma(high, b3);
        FloatVector x4 = FloatVector.broadcast(FLOATS, x[place + 4]);
        a4 = x4.fma(low, a4);
        b4 = x4.fma(high, b4);
        FloatVector x5 = FloatVector.broadcast(FLOATS, x[place + 5]);
        a5 = x5.fma(low, a5);
        b5 = x5.fma(high, b5);
        FloatVector x6 = FloatVector.broadcast(FLOATS, x[place + 6]);
        a6 = x6.fma(low, a6);
        b6 = x6.fma(high, b6);
        FloatVector x7 = FloatVector.broadcast(FLOATS, x[place + 7]);
        a7 = x7.fma(low, a7);
        b7 = x7.fma(high, b7);
      }
      a0.intoArray(sums, a);
      b0.intoArray(sums, a + 16);
      a1.intoArray(sums, a + 32);
      b1.intoArray(sums, a + 48);
      a2.intoArray(sums, a + 64);
      b2.intoArray(sums, a + 80);
      a3.intoArray(sums, a + 96);
      b3.intoArray(sums, a + 112);
      a4.intoArray(sums, a + 128);
      b4.intoArray(sums, a + 144);
      a5.intoArray(sums, a + 160);
      b5.intoArray(sums, a + 176);
      a6.intoArray(sums, a + 192);
      b6.intoArray(sums, a + 208);
      a7.intoArray(sums, a + 224);
      b7.intoArray(sums, a + 240);
    }
  }

  /** Continues the chains of 1 row with four panels: sums is [4, 32] from 0 on. */
  static void row1(long p, long q, long r, long s, int cols, float[] x, int from, float[] sums) {
    for (int lane = 0; lane < 16; lane += LANES) {
      FloatVector p0 = FloatVector.fromArray(FLOATS, sums, lane);
      FloatVector p1 = FloatVector.fromArray(FLOATS, sums, lane + 16);
      FloatVector q0 = FloatVector.fromArray(FLOATS, sums, lane + 32);
      FloatVector q1 = FloatVector.fromArray(FLOATS, sums, lane + 48);
      FloatVector r0 = FloatVector.fromArray(FLOATS, sums, lane + 64);
      FloatVector r1 = FloatVector.fromArray(FLOATS, sums, lane + 80);
      FloatVector s0 = FloatVector.fromArray(FLOATS, sums, lane + 96);
      FloatVector s1 = FloatVector.fromArray(FLOATS, sums, lane + 112);
      for (int k = 0; k < cols; k++) {
        long column = (long) k * STEP + lane * 4L;
        if ((k & 1) == 0) {
          prefetch(p + column + ROW_AHEAD + STEP / 2);
          prefetch(q + column + ROW_AHEAD + STEP / 2);
          prefetch(r + column + ROW_AHEAD + STEP / 2);
          prefetch(s + column + ROW_AHEAD + STEP / 2);
        }
        FloatVector value = FloatVector.broadcast(FLOATS, x[from + k]);
        IntVector pPairs = IntVector.fromMemorySegment(INTS, ALL, p + column, LITTLE);
        p0 = value.fma(pPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), p0);
        p1 = value.fma(pPairs.and(0xffff_0000).reinterpretAsFloats(), p1);
        IntVector qPairs = IntVector.fromMemorySegment(INTS, ALL, q + column, LITTLE);
        q0 = value.fma(qPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), q0);
        q1 = value.fma(qPairs.and(0xffff_0000).reinterpretAsFloats(), q1);
        IntVector rPairs = IntVector.fromMemorySegment(INTS, ALL, r + column, LITTLE);
        r0 = value.fma(rPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), r0);
        r1 = value.fma(rPairs.and(0xffff_0000).reinterpretAsFloats(), r1);
        IntVector sPairs = IntVector.fromMemorySegment(INTS, ALL, s + column, LITTLE);
        s0 = value.fma(sPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
        s1 = value.fma(sPairs.and(0xffff_0000).reinterpretAsFloats(), s1);
      }
      p0.intoArray(sums, lane);
      p1.intoArray(sums, lane + 16);
      q0.intoArray(sums, lane + 32);
      q1.intoArray(sums, lane + 48);
      r0.intoArray(sums, lane + 64);
      r1.intoArray(sums, lane + 80);
      s0.intoArray(sums, lane + 96);
      s1.intoArray(sums, lane + 112);
    }
  }
}
