package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.ALL;
import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.LITTLE;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of {@link F32Kernels} for the keys of two blocks of 16 positions, {@code high}
 * bytes apart. It stands apart since the compiled loops lose a third of their speed when both
 * strides vary.
 */
final class KeyKernels {
  /** Bytes from one column to the next. */
  private static final int STEP = 64;

  private KeyKernels() {}

  /** Continues the chains of 8 rows: x is [cols, 8] from {@code from} on. */
  static void rows8(long w, long high, int cols, float[] x, int from, float[] sums, int at) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int low = at + lane;
      int upper = low + 16;
      long weights = w + lane * 4L;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, low);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, upper);
      FloatVector a1 = FloatVector.fromArray(FLOATS, sums, low + 32);
      FloatVector b1 = FloatVector.fromArray(FLOATS, sums, upper + 32);
      FloatVector a2 = FloatVector.fromArray(FLOATS, sums, low + 64);
      FloatVector b2 = FloatVector.fromArray(FLOATS, sums, upper + 64);
      FloatVector a3 = FloatVector.fromArray(FLOATS, sums, low + 96);
      FloatVector b3 = FloatVector.fromArray(FLOATS, sums, upper + 96);
      FloatVector a4 = FloatVector.fromArray(FLOATS, sums, low + 128);
      FloatVector b4 = FloatVector.fromArray(FLOATS, sums, upper + 128);
      FloatVector a5 = FloatVector.fromArray(FLOATS, sums, low + 160);
      FloatVector b5 = FloatVector.fromArray(FLOATS, sums, upper + 160);
      FloatVector a6 = FloatVector.fromArray(FLOATS, sums, low + 192);
      FloatVector b6 = FloatVector.fromArray(FLOATS, sums, upper + 192);
      FloatVector a7 = FloatVector.fromArray(FLOATS, sums, low + 224);
      FloatVector b7 = FloatVector.fromArray(FLOATS, sums, upper + 224);
      for (int k = 0; k < cols; k++) {
        long address = weights + (long) k * STEP;
        FloatVector lowRows = FloatVector.fromMemorySegment(FLOATS, ALL, address, LITTLE);
        FloatVector highRows = FloatVector.fromMemorySegment(FLOATS, ALL, address + high, LITTLE);
        int place = from + k * 8;
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[place]);
        a0 = x0.fma(lowRows, a0);
        b0 = x0.fma(highRows, b0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, x[place + 1]);
        a1 = x1.fma(lowRows, a1);
        b1 = x1.fma(highRows, b1);
        FloatVector x2 = FloatVector.broadcast(FLOATS, x[place + 2]);
        a2 = x2.fma(lowRows, a2);
        b2 = x2.fma(highRows, b2);
        FloatVector x3 = FloatVector.broadcast(FLOATS, x[place + 3]);
        a3 = x3.fma(lowRows, a3);
        b3 = x3.fma(highRows, b3);
        FloatVector x4 = FloatVector.broadcast(FLOATS, x[place + 4]);
        a4 = x4.fma(lowRows, a4);
        b4 = x4.fma(highRows, b4);
        FloatVector x5 = FloatVector.broadcast(FLOATS, x[place + 5]);
        a5 = x5.fma(lowRows, a5);
        b5 = x5.fma(highRows, b5);
        FloatVector x6 = FloatVector.broadcast(FLOATS, x[place + 6]);
        a6 = x6.fma(lowRows, a6);
        b6 = x6.fma(highRows, b6);
        FloatVector x7 = FloatVector.broadcast(FLOATS, x[place + 7]);
        a7 = x7.fma(lowRows, a7);
        b7 = x7.fma(highRows, b7);
      }
      a0.intoArray(sums, low);
      b0.intoArray(sums, upper);
      a1.intoArray(sums, low + 32);
      b1.intoArray(sums, upper + 32);
      a2.intoArray(sums, low + 64);
      b2.intoArray(sums, upper + 64);
      a3.intoArray(sums, low + 96);
      b3.intoArray(sums, upper + 96);
      a4.intoArray(sums, low + 128);
      b4.intoArray(sums, upper + 128);
      a5.intoArray(sums, low + 160);
      b5.intoArray(sums, upper + 160);
      a6.intoArray(sums, low + 192);
      b6.intoArray(sums, upper + 192);
      a7.intoArray(sums, low + 224);
      b7.intoArray(sums, upper + 224);
    }
  }

  /** Continues the chains of 4 rows: x is [cols, 4] from {@code from} on. */
  static void rows4(long w, long high, int cols, float[] x, int from, float[] sums, int at) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int low = at + lane;
      int upper = low + 16;
      long weights = w + lane * 4L;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, low);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, upper);
      FloatVector a1 = FloatVector.fromArray(FLOATS, sums, low + 32);
      FloatVector b1 = FloatVector.fromArray(FLOATS, sums, upper + 32);
      FloatVector a2 = FloatVector.fromArray(FLOATS, sums, low + 64);
      FloatVector b2 = FloatVector.fromArray(FLOATS, sums, upper + 64);
      FloatVector a3 = FloatVector.fromArray(FLOATS, sums, low + 96);
      FloatVector b3 = FloatVector.fromArray(FLOATS, sums, upper + 96);
      for (int k = 0; k < cols; k++) {
        long address = weights + (long) k * STEP;
        FloatVector lowRows = FloatVector.fromMemorySegment(FLOATS, ALL, address, LITTLE);
        FloatVector highRows = FloatVector.fromMemorySegment(FLOATS, ALL, address + high, LITTLE);
        int place = from + k * 4;
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[place]);
        a0 = x0.fma(lowRows, a0);
        b0 = x0.fma(highRows, b0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, x[place + 1]);
        a1 = x1.fma(lowRows, a1);
        b1 = x1.fma(highRows, b1);
        FloatVector x2 = FloatVector.broadcast(FLOATS, x[place + 2]);
        a2 = x2.fma(lowRows, a2);
        b2 = x2.fma(highRows, b2);
        FloatVector x3 = FloatVector.broadcast(FLOATS, x[place + 3]);
        a3 = x3.fma(lowRows, a3);
        b3 = x3.fma(highRows, b3);
      }
      a0.intoArray(sums, low);
      b0.intoArray(sums, upper);
      a1.intoArray(sums, low + 32);
      b1.intoArray(sums, upper + 32);
      a2.intoArray(sums, low + 64);
      b2.intoArray(sums, upper + 64);
      a3.intoArray(sums, low + 96);
      b3.intoArray(sums, upper + 96);
    }
  }

  /** Continues the chains of 2 rows: x is [cols, 2] from {@code from} on. */
  static void rows2(long w, long high, int cols, float[] x, int from, float[] sums, int at) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int low = at + lane;
      int upper = low + 16;
      long weights = w + lane * 4L;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, low);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, upper);
      FloatVector a1 = FloatVector.fromArray(FLOATS, sums, low + 32);
      FloatVector b1 = FloatVector.fromArray(FLOATS, sums, upper + 32);
      for (int k = 0; k < cols; k++) {
        long address = weights + (long) k * STEP;
        FloatVector lowRows = FloatVector.fromMemorySegment(FLOATS, ALL, address, LITTLE);
        FloatVector highRows = FloatVector.fromMemorySegment(FLOATS, ALL, address + high, LITTLE);
        int place = from + k * 2;
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[place]);
        a0 = x0.fma(lowRows, a0);
        b0 = x0.fma(highRows, b0);
        FloatVector x1 = FloatVector.broadcast(FLOATS, x[place + 1]);
        a1 = x1.fma(lowRows, a1);
        b1 = x1.fma(highRows, b1);
      }
      a0.intoArray(sums, low);
      b0.intoArray(sums, upper);
      a1.intoArray(sums, low + 32);
      b1.intoArray(sums, upper + 32);
    }
  }

  /** Continues the chains of 1 row: x is [cols, 1] from {@code from} on. */
  static void rows1(long w, long high, int cols, float[] x, int from, float[] sums, int at) {
    for (int lane = 0; lane < 16; lane += LANES) {
      int low = at + lane;
      int upper = low + 16;
      long weights = w + lane * 4L;
      FloatVector a0 = FloatVector.fromArray(FLOATS, sums, low);
      FloatVector b0 = FloatVector.fromArray(FLOATS, sums, upper);
      for (int k = 0; k < cols; k++) {
        long address = weights + (long) k * STEP;
        FloatVector lowRows = FloatVector.fromMemorySegment(FLOATS, ALL, address, LITTLE);
        FloatVector highRows = FloatVector.fromMemorySegment(FLOATS, ALL, address + high, LITTLE);
        FloatVector x0 = FloatVector.broadcast(FLOATS, x[from + k]);
        a0 = x0.fma(lowRows, a0);
        b0 = x0.fma(highRows, b0);
      }
      a0.intoArray(sums, low);
      b0.intoArray(sums, upper);
    }
  }
}
