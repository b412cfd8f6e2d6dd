package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quern.backend.cuda.HostCopies.Piece;
import dev.quern.cuda.CudaDriver;
import dev.quern.cuda.CudaMemory;
import dev.quern.cuda.CudaStreams;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * A thread that brings pieces to the device. It has two pinned buffers: one is filled while the
 * other is copied.
 */
final class PieceCopier implements Runnable, AutoCloseable {
  private static final int BUFFERS = 2;

  private final long context;
  private final long stream;
  private final BlockingQueue<Piece> queue;
  private final Consumer<Throwable> finished;
  private final long[] copied = new long[BUFFERS];
  private PinnedBuffer pinned;
  private int next;
  private Thread thread;

  /**
   * @param finished told of each piece taken: null, or what went wrong
   */
  PieceCopier(long context, long stream, BlockingQueue<Piece> queue, Consumer<Throwable> finished) {
    this.context = context;
    this.stream = stream;
    this.queue = queue;
    this.finished = finished;
  }

  void start(String name) {
    thread = Thread.ofPlatform().daemon().name(name).start(this);
  }

  @Override
  public void run() {
    for (Piece piece = take(); piece != HostCopies.END; piece = take()) {
      Throwable error = null;
      try {
        bring(piece);
      } catch (IOException | RuntimeException | Error e) {
        error = e;
      }
      finished.accept(error);
    }
  }

  private Piece take() {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      return HostCopies.END;
    }
  }

  private void bring(Piece piece) throws IOException {
    if (pinned == null) {
      // By each thread: the first pieces travel while other threads' memory is being pinned.
      CudaDriver.setContext(context);
      pinned = new PinnedBuffer((long) BUFFERS * HostCopies.BUFFER_BYTES);
      for (int i = 0; i < BUFFERS; i++) {
        copied[i] = CudaStreams.eventCreate(false);
      }
    }
    int buffer = next;
    next = (next + 1) % BUFFERS;
    MemorySegment block = pinned.part(buffer, HostCopies.BUFFER_BYTES);
    CudaStreams.eventSynchronize(copied[buffer]);
    int begin = 0;
    if (piece.data() != null) {
      MemorySegment.copy(piece.data(), JAVA_BYTE, 0, block, JAVA_BYTE, 0, piece.bytes());
    } else {
      begin = piece.file().read(piece.offset(), piece.bytes(), block);
    }
    CudaMemory.copyToDevice(piece.to(), block.address() + begin, piece.bytes(), stream);
    CudaStreams.eventRecord(copied[buffer], stream);
  }

  /** Waits for the thread, to which the end was queued, and for its copies; frees the buffers. */
  @Override
  public void close() {
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
    if (pinned != null) {
      for (long event : copied) {
        CudaStreams.eventSynchronize(event);
        CudaStreams.eventDestroy(event);
      }
      pinned.close();
    }
  }
}
