package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link MachineLimits}, written so that they are bound by what they measure: reads
 * into eight independent sums, and twelve independent chains of multiply-adds.
 */
final class LimitLoops {
  private static final int RUNS = 10;
  private static final long READ_BYTES = 512L << 20;
  private static final int READ_PIECES = 64;
  private static final int FMA_PIECES = 16;
  private static final int FMA_LOOPS = 1_000_000;
  private static final int CHAINS = 12;

  /** Takes the results, so that no loop is dropped. */
  private static volatile float sink;

  private LimitLoops() {}

  static double readBytesPerSecond(WorkerPool pool) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = NativeMemory.allocate(arena, READ_BYTES);
      long piece = READ_BYTES / READ_PIECES;
      // Touched first: untouched pages are all one page of zeros.
      pool.run(
          READ_PIECES,
          1,
          (worker, from, to) -> memory.asSlice(from * piece, (to - from) * piece).fill((byte) 1));
      long start = memory.address();
      return READ_BYTES
          / best(
              pool,
              READ_PIECES,
              (worker, from, to) -> read(start + from * piece, (to - from) * piece));
    }
  }

  static double flops(WorkerPool pool) {
    int pieces = FMA_PIECES * pool.workers();
    double seconds =
        best(
            pool,
            pieces,
            (worker, from, to) -> {
              for (int i = from; i < to; i++) {
                multiplyAdd(FMA_LOOPS);
              }
            });
    return 2.0 * pieces * FMA_LOOPS * CHAINS * LANES / seconds;
  }

  private static double best(WorkerPool pool, int pieces, WorkerPool.Body body) {
    double best = Double.MAX_VALUE;
    for (int run = 0; run < RUNS; run++) {
      long start = System.nanoTime();
      pool.run(pieces, 1, body);
      best = Math.min(best, (System.nanoTime() - start) * 1e-9);
    }
    return best;
  }

  private static void read(long start, long bytes) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    int step = LANES * Float.BYTES;
    for (long at = start; at < start + bytes; at += 8L * step) {
      a = a.add(load(at));
      b = b.add(load(at + step));
      c = c.add(load(at + 2L * step));
      d = d.add(load(at + 3L * step));
      e = e.add(load(at + 4L * step));
      f = f.add(load(at + 5L * step));
      g = g.add(load(at + 6L * step));
      h = h.add(load(at + 7L * step));
    }
    sink = a.add(b).add(c).add(d).add(e.add(f).add(g).add(h)).lane(0);
  }

  private static void multiplyAdd(int loops) {
    FloatVector x = FloatVector.broadcast(FLOATS, 1.0000001f);
    FloatVector y = FloatVector.broadcast(FLOATS, 1e-9f);
    FloatVector a = y;
    FloatVector b = y;
    FloatVector c = y;
    FloatVector d = y;
    FloatVector e = y;
    FloatVector f = y;
    FloatVector g = y;
    FloatVector h = y;
    FloatVector i = y;
    FloatVector j = y;
    FloatVector k = y;
    FloatVector l = y;
    for (int n = 0; n < loops; n++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector all = a.add(b).add(c).add(d).add(e).add(f);
    sink = all.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }
}
