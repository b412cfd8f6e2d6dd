package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quern.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Copies of host memory, usually mapped pieces of weight files, to the device. Several threads each
 * bring a piece into a pinned buffer (which also reads a cold file in parallel) and put its copy on
 * the stream; a buffer is filled again when its copy is done. Weights small and large flow through
 * the same ring without waiting for each other.
 */
final class HostCopies implements AutoCloseable {
  private static final int PIECE_BYTES = 4 << 20;
  private static final int MOST_THREADS = 12;

  /** Twice as many as threads: one is filled while the other is copied. */
  private final int buffers;

  private final long context;
  private final long stream;
  private final long pinned;
  private final long[] events;
  private final BlockingQueue<Integer> free;
  private final ExecutorService readers;
  private final List<Future<?>> pending = new ArrayList<>();

  HostCopies(long context, long stream) {
    this.context = context;
    this.stream = stream;
    int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_THREADS);
    buffers = 2 * threads;
    pinned = CudaDriver.hostAlloc((long) buffers * PIECE_BYTES);
    events = new long[buffers];
    free = new ArrayBlockingQueue<>(buffers);
    for (int i = 0; i < buffers; i++) {
      events[i] = CudaDriver.eventCreate(false);
      CudaDriver.eventRecord(events[i], stream);
      free.add(i);
    }
    readers =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("quern-load-", 0).factory());
  }

  /** Starts the copy; it is on the stream, and {@code from} read, after {@link #flush}. */
  void copy(long to, MemorySegment from) {
    for (long at = 0; at < from.byteSize(); at += PIECE_BYTES) {
      long start = at;
      MemorySegment piece = from.asSlice(at, Math.min(PIECE_BYTES, from.byteSize() - at));
      pending.add(readers.submit(() -> bring(to + start, piece)));
    }
  }

  private Void bring(long to, MemorySegment piece) throws InterruptedException {
    CudaDriver.setContext(context);
    int buffer = free.take();
    try {
      CudaDriver.eventSynchronize(events[buffer]);
      long at = pinned + (long) buffer * PIECE_BYTES;
      MemorySegment copy = MemorySegment.ofAddress(at).reinterpret(piece.byteSize());
      MemorySegment.copy(piece, JAVA_BYTE, 0, copy, JAVA_BYTE, 0, piece.byteSize());
      CudaDriver.copyToDevice(to, at, piece.byteSize(), stream);
      CudaDriver.eventRecord(events[buffer], stream);
    } finally {
      free.add(buffer);
    }
    return null;
  }

  /** Waits until all copies started so far are on the stream. */
  void flush() {
    try {
      for (Future<?> one : pending) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while weights were loading", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("reading weights failed: " + e.getCause(), e.getCause());
    } finally {
      pending.clear();
    }
  }

  @Override
  public void close() {
    readers.close();
    for (long event : events) {
      CudaDriver.eventSynchronize(event);
      CudaDriver.eventDestroy(event);
    }
    CudaDriver.hostFree(pinned);
  }
}
