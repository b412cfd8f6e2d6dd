package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.ALL;
import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.INTS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.LITTLE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The inner loops of matrix products that stream bf16 panels (see {@link PanelWeight}) past a few
 * activation rows. Each sum is one chain over the columns, so tiles of any height give the same
 * bits. Per column and panel, one load widens to 32 weights by a shift and a mask, and every
 * activation row costs one broadcast and two fused multiply-adds.
 *
 * <p>Two panels pass at once: two streams of memory keep a core's prefetchers busier than one. One
 * row and eight, the heights that decode runs at most, have {@link Bf16Streams}.
 *
 * <p>{@code p} and {@code q} are addresses that the caller has checked. The sums of each panel are
 * [rows, 32] from {@code pAt} and {@code qAt} on and are continued: all columns at once or a few at
 * a time is the same chain.
 */
final class Bf16Kernels {
  /** Bytes from one column to the next. */
  private static final int STEP = 64;

  private Bf16Kernels() {}

  /** Continues the chains of 4 rows: x is [cols, 4] from {@code from} on. */
  static void rows4(long p, long q, int cols, float[] x, int from, float[] sums, int pAt, int qAt) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int a = pAt + lane;
      int b = qAt + lane;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, a);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, a + 16);
      FloatVector c0 = FloatVector.fromArray(FLOATS, sums, b);
      FloatVector d0 = FloatVector.fromArray(FLOATS, sums, b + 16);
      FloatVector a1 = FloatVector.fromArray(FLOATS, sums, a + 32);
      FloatVector b1 = FloatVector.fromArray(FLOATS, sums, a + 48);
      FloatVector c1 = FloatVector.fromArray(FLOATS, sums, b + 32);
      FloatVector d1 = FloatVector.fromArray(FLOATS, sums, b + 48);
      FloatVector a2 = FloatVector.fromArray(FLOATS, sums, a + 64);
      FloatVector b2 = FloatVector.fromArray(FLOATS, sums, a + 80);
      FloatVector c2 = FloatVector.fromArray(FLOATS, sums, b + 64);
      FloatVector d2 = FloatVector.fromArray(FLOATS, sums, b + 80);
      FloatVector a3 = FloatVector.fromArray(FLOATS, sums, a + 96);
      FloatVector b3 = FloatVector.fromArray(FLOATS, sums, a + 112);
      FloatVector c3 = FloatVector.fromArray(FLOATS, sums, b + 96);
      FloatVector d3 = FloatVector.fromArray(FLOATS, sums, b + 112);
      for (int k = 0; k < cols; k++) {
        long column = (long) k * STEP + lane * 4L;
        IntVector pPairs = IntVector.fromMemorySegment(INTS, ALL, p + column, LITTLE);
        IntVector qPairs = IntVector.fromMemorySegment(INTS, ALL, q + column, LITTLE);
        FloatVector pLow = pPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        FloatVector pHigh = pPairs.and(0xffff_0000).reinterpretAsFloats();
        FloatVector qLow = qPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        FloatVector qHigh = qPairs.and(0xffff_0000).reinterpretAsFloats();
        int place = from + k * 4;
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[place]);
        a0 = x0.fma(pLow, a0);
        b0 = x0.fma(pHigh, b0);
        c0 = x0.fma(qLow, c0);
        d0 = x0.fma(qHigh, d0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, x[place + 1]);
        a1 = x1.fma(pLow, a1);
        b1 = x1.fma(pHigh, b1);
        c1 = x1.fma(qLow, c1);
        d1 = x1.fma(qHigh, d1);
        FloatVector x2 = FloatVector.broadcast(FLOATS, x[place + 2]);
        a2 = x2.fma(pLow, a2);
        b2 = x2.fma(pHigh, b2);
        c2 = x2.fma(qLow, c2);
        d2 = x2.fma(qHigh, d2);
        FloatVector x3 = FloatVector.broadcast(FLOATS, x[place + 3]);
        a3 = x3.fma(pLow, a3);
        b3 = x3.fma(pHigh, b3);
        c3 = x3.fma(qLow, c3);
        d3 = x3.fma(qHigh, d3);
      }
      a0.intoArray(sums, a);
      b0.intoArray(sums, a + 16);
      c0.intoArray(sums, b);
      d0.intoArray(sums, b + 16);
      a1.intoArray(sums, a + 32);
      b1.intoArray(sums, a + 48);
      c1.intoArray(sums, b + 32);
      d1.intoArray(sums, b + 48);
      a2.intoArray(sums, a + 64);
      b2.intoArray(sums, a + 80);
      c2.intoArray(sums, b + 64);
      d2.intoArray(sums, b + 80);
      a3.intoArray(sums, a + 96);
      b3.intoArray(sums, a + 112);
      c3.intoArray(sums, b + 96);
      d3.intoArray(sums, b + 112);
    }
  }

  /** Continues the chains of 2 rows: x is [cols, 2] from {@code from} on. */
  static void rows2(long p, long q, int cols, float[] x, int from, float[] sums, int pAt, int qAt) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int a = pAt + lane;
      int b = qAt + lane;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, a);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, a + 16);
      FloatVector c0 = FloatVector.fromArray(FLOATS, sums, b);
      FloatVector d0 = FloatVector.fromArray(FLOATS, sums, b + 16);
      FloatVector a1 = FloatVector.fromArray(FLOATS, sums, a + 32);
      FloatVector b1 = FloatVector.fromArray(FLOATS, sums, a + 48);
      FloatVector c1 = FloatVector.fromArray(FLOATS, sums, b + 32);
      FloatVector d1 = FloatVector.fromArray(FLOATS, sums, b + 48);
      for (int k = 0; k < cols; k++) {
        long column = (long) k * STEP + lane * 4L;
        IntVector pPairs = IntVector.fromMemorySegment(INTS, ALL, p + column, LITTLE);
        IntVector qPairs = IntVector.fromMemorySegment(INTS, ALL, q + column, LITTLE);
        FloatVector pLow = pPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        FloatVector pHigh = pPairs.and(0xffff_0000).reinterpretAsFloats();
        FloatVector qLow = qPairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
        FloatVector qHigh = qPairs.and(0xffff_0000).reinterpretAsFloats();
        int place = from + k * 2;
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[place]);
        a0 = x0.fma(pLow, a0);
        b0 = x0.fma(pHigh, b0);
        c0 = x0.fma(qLow, c0);
        d0 = x0.fma(qHigh, d0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, x[place + 1]);
        a1 = x1.fma(pLow, a1);
        b1 = x1.fma(pHigh, b1);
        c1 = x1.fma(qLow, c1);
        d1 = x1.fma(qHigh, d1);
      }
      a0.intoArray(sums, a);
      b0.intoArray(sums, a + 16);
      c0.intoArray(sums, b);
      d0.intoArray(sums, b + 16);
      a1.intoArray(sums, a + 32);
      b1.intoArray(sums, a + 48);
      c1.intoArray(sums, b + 32);
      d1.intoArray(sums, b + 48);
    }
  }
}
