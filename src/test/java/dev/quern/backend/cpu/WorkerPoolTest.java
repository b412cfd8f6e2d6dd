package dev.quern.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

final class WorkerPoolTest {
  @Test
  void everyUnitRunsOnce() {
    for (int workers : new int[] {1, 2, 3, 7}) {
      try (WorkerPool pool = new WorkerPool(workers)) {
        for (int job = 0; job < 500; job++) {
          int units = job % 40;
          int grain = 1 + job % 5;
          AtomicIntegerArray runs = new AtomicIntegerArray(units);
          pool.run(
              units,
              grain,
              (worker, from, to) -> {
                for (int i = from; i < to; i++) {
                  runs.incrementAndGet(i);
                }
              });
          for (int i = 0; i < units; i++) {
            assertEquals(1, runs.get(i), "unit " + i + " of job " + job);
          }
        }
      }
    }
  }

  @Test
  void aWorkerRunsOnePieceAtATime() {
    int workers = 4;
    try (WorkerPool pool = new WorkerPool(workers)) {
      AtomicIntegerArray inside = new AtomicIntegerArray(workers);
      AtomicInteger clashes = new AtomicInteger();
      pool.run(
          10_000,
          1,
          (worker, from, to) -> {
            if (inside.getAndIncrement(worker) != 0) {
              clashes.incrementAndGet();
            }
            inside.decrementAndGet(worker);
          });
      assertEquals(0, clashes.get());
    }
  }

  @Test
  void aFailureReachesTheCallerAndThePoolGoesOn() {
    try (WorkerPool pool = new WorkerPool(3)) {
      IndexOutOfBoundsException error =
          assertThrows(
              IndexOutOfBoundsException.class,
              () ->
                  pool.run(
                      100,
                      1,
                      (worker, from, to) -> {
                        if (from == 57) {
                          throw new IndexOutOfBoundsException("unit 57");
                        }
                      }));
      assertEquals("unit 57", error.getMessage());
      AtomicInteger done = new AtomicInteger();
      pool.run(100, 1, (worker, from, to) -> done.addAndGet(to - from));
      assertEquals(100, done.get());
    }
  }

  @Test
  void callersTakeTurns() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(3)) {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger total = new AtomicInteger();
      Thread[] callers = new Thread[4];
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int job = 0; job < 200; job++) {
                        pool.run(20, 1, (worker, from, to) -> total.addAndGet(to - from));
                      }
                      inside.incrementAndGet();
                    });
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals(4, inside.get());
      assertEquals(4 * 200 * 20, total.get());
    }
  }
}
