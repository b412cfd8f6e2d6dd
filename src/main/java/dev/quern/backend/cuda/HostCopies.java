package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quern.cuda.CudaDriver;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Copies of host memory, usually mapped pieces of weight files, to the device. Pieces are brought
 * into pinned buffers by several threads (which also reads them from the disk in parallel) and
 * copied asynchronously from there, each buffer used again when its copy is done.
 */
final class HostCopies implements AutoCloseable {
  private static final long PIECE_BYTES = 16L << 20;
  private static final int BUFFERS = 8;

  private final long context;
  private final long stream;
  private final long[] pinned = new long[BUFFERS];
  private final long[] events = new long[BUFFERS];
  private final ExecutorService readers;
  private int next;

  HostCopies(long context, long stream) {
    this.context = context;
    this.stream = stream;
    for (int i = 0; i < BUFFERS; i++) {
      pinned[i] = CudaDriver.hostAlloc(PIECE_BYTES);
      events[i] = CudaDriver.eventCreate(false);
      CudaDriver.eventRecord(events[i], stream);
    }
    readers =
        Executors.newFixedThreadPool(
            Math.clamp(Runtime.getRuntime().availableProcessors(), 1, BUFFERS),
            Thread.ofPlatform().daemon().name("quern-load-", 0).factory());
  }

  /** Puts the copy on the stream; {@code from} has been read when this returns. */
  void copy(long to, MemorySegment from) {
    long bytes = from.byteSize();
    int pieces = (int) Math.ceilDiv(bytes, PIECE_BYTES);
    Future<?>[] reads = new Future<?>[pieces];
    int first = next;
    for (int piece = 0; piece < Math.min(pieces, BUFFERS); piece++) {
      reads[piece] = read(from, piece, (first + piece) % BUFFERS);
    }
    for (int piece = 0; piece < pieces; piece++) {
      int buffer = (first + piece) % BUFFERS;
      try {
        reads[piece].get();
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException("reading weights failed: " + e, e);
      }
      long at = piece * PIECE_BYTES;
      CudaDriver.copyToDevice(to + at, pinned[buffer], Math.min(PIECE_BYTES, bytes - at), stream);
      CudaDriver.eventRecord(events[buffer], stream);
      if (piece + BUFFERS < pieces) {
        reads[piece + BUFFERS] = read(from, piece + BUFFERS, buffer);
      }
    }
    next = (first + pieces) % BUFFERS;
  }

  private Future<?> read(MemorySegment from, int piece, int buffer) {
    long at = piece * PIECE_BYTES;
    long count = Math.min(PIECE_BYTES, from.byteSize() - at);
    return readers.submit(
        () -> {
          CudaDriver.setContext(context);
          CudaDriver.eventSynchronize(events[buffer]);
          MemorySegment to = MemorySegment.ofAddress(pinned[buffer]).reinterpret(count);
          MemorySegment.copy(from, JAVA_BYTE, at, to, JAVA_BYTE, 0, count);
        });
  }

  @Override
  public void close() {
    readers.close();
    for (int i = 0; i < BUFFERS; i++) {
      CudaDriver.eventSynchronize(events[i]);
      CudaDriver.eventDestroy(events[i]);
      CudaDriver.hostFree(pinned[i]);
    }
  }
}
