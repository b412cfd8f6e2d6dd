package dev.quern.backend.cpu;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A fixed team of threads that run the units of one job after another; the caller is one of them.
 *
 * <p>The units of a job are split evenly, one contiguous range a worker, so that each reads one
 * stream of memory. A worker takes a few units of its range at a time and, once its own is empty,
 * takes from the others': a thread that the operating system holds up does not hold up the job. The
 * counters belong to the job, so a worker that wakes late finds them used up and does nothing.
 *
 * <p>Workers spin for the next job for a while, since a step is hundreds of short jobs, and then
 * park. Which worker runs a unit must not change what the unit computes.
 */
final class WorkerPool implements AutoCloseable {
  /** Part of a job: units {@code from … to-1}; {@code worker} picks scratch memory. */
  interface Body {
    void run(int worker, int from, int to);
  }

  private static final long SPIN_NANOS = 100_000;
  private static final int SPINS_BETWEEN_CLOCK_READS = 32;

  private final int workers;
  private final Thread[] threads;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Job current;
  private volatile boolean closed;

  WorkerPool(int workers) {
    if (workers < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + workers);
    }
    this.workers = workers;
    threads = new Thread[workers - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("quern-cpu-" + worker).start(() -> serve(worker));
    }
  }

  /** Threads that work, the caller's included. */
  int workers() {
    return workers;
  }

  /**
   * Runs units 0 … units-1, {@code grain} at a time, and returns when all are done. Calls from
   * several threads take turns; a body must not call it.
   */
  void run(int units, int grain, Body body) {
    if (units <= 0) {
      return;
    }
    lock.lock();
    try {
      if (units <= grain || workers == 1) {
        body.run(0, 0, units);
        return;
      }
      Job job = new Job(body, units, grain, workers);
      current = job;
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
      job.work(0);
      job.awaitAll();
      current = null;
    } finally {
      lock.unlock();
    }
  }

  private void serve(int worker) {
    Job last = null;
    while (!closed) {
      Job job = current;
      if (job != null && job != last) {
        job.work(worker);
        last = job;
      } else {
        awaitJob(last);
      }
    }
  }

  private void awaitJob(Job last) {
    long deadline = System.nanoTime() + SPIN_NANOS;
    do {
      for (int i = 0; i < SPINS_BETWEEN_CLOCK_READS; i++) {
        Job job = current;
        if (job != null && job != last) {
          return;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() < deadline);
    if (!closed && (current == null || current == last)) {
      LockSupport.park(this);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
    for (Thread thread : threads) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One job: how far each range is taken, and how many units are done. */
  private static final class Job {
    /** Ints between two counters, so that they lie on cache lines of their own. */
    private static final int PAD = 32;

    private final Body body;
    private final int units;
    private final int grain;
    private final int ranges;
    private final AtomicIntegerArray counters;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Job(Body body, int units, int grain, int ranges) {
      this.body = body;
      this.units = units;
      this.grain = grain;
      this.ranges = ranges;
      counters = new AtomicIntegerArray((ranges + 1) * PAD);
    }

    void work(int worker) {
      for (int i = 0; i < ranges; i++) {
        int range = (worker + i) % ranges;
        int start = (int) ((long) units * range / ranges);
        int end = (int) ((long) units * (range + 1) / ranges);
        int counter = range * PAD;
        while (start + counters.get(counter) < end) {
          int from = start + counters.getAndAdd(counter, grain);
          if (from >= end) {
            break;
          }
          int to = Math.min(from + grain, end);
          try {
            body.run(worker, from, to);
          } catch (Throwable e) {
            failure.compareAndSet(null, e);
          }
          counters.getAndAdd(ranges * PAD, to - from);
        }
      }
    }

    void awaitAll() {
      for (int spins = 0; counters.get(ranges * PAD) < units; spins++) {
        if (spins < 10_000) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      switch (failure.get()) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case Throwable e -> throw new IllegalStateException(e);
      }
    }
  }
}
