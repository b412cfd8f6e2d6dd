package dev.quern.hub;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A lock on one blob among processes, the same that Hugging Face's Python library takes.
 *
 * <p>That library uses {@code flock}, which knows nothing of the locks that Java's {@link
 * FileChannel} takes, so {@code flock} is called here as well. Where there is none Java's own
 * serves among processes of ours. The lock spares a second download; it does not keep the cache
 * right, as a file system may grant it to everybody: what is written is the same whoever writes it.
 */
final class CacheLock implements AutoCloseable {
  private static final int OPEN_READ_WRITE = 2;
  private static final int EXCLUSIVE_NOW = 2 | 4;
  private static final long POLL_MILLIS = 50;

  private final AutoCloseable release;

  private CacheLock(AutoCloseable release) {
    this.release = release;
  }

  /**
   * Waits for the lock.
   *
   * @param onWait called once when somebody else has it
   */
  static CacheLock take(Path file, Runnable onWait) throws IOException {
    Files.createDirectories(file.getParent());
    if (!Files.exists(file)) {
      try {
        Files.createFile(file);
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // Somebody else was quicker.
      }
    }
    boolean waited = false;
    while (true) {
      AutoCloseable held = Flock.AVAILABLE ? Flock.tryLock(file) : tryChannel(file);
      if (held != null) return new CacheLock(held);
      if (!waited) onWait.run();
      waited = true;
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while waiting for " + file, e);
      }
    }
  }

  private static AutoCloseable tryChannel(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Another thread of this process has it.
    } finally {
      if (lock == null) channel.close();
    }
    return lock == null ? null : channel;
  }

  @Override
  public void close() {
    try {
      release.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot release a lock of the cache", e);
    }
  }

  /** {@code open}, {@code flock} and {@code close} of the C library. */
  private static final class Flock {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN =
        handle(
            "open",
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final MethodHandle FLOCK =
        handle(
            "flock",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle CLOSE =
        handle("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    static final boolean AVAILABLE = OPEN != null && FLOCK != null && CLOSE != null;

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
      SymbolLookup library = LINKER.defaultLookup();
      Optional<MemorySegment> symbol = library.find(name);
      return symbol.map(address -> LINKER.downcallHandle(address, descriptor)).orElse(null);
    }

    /** Releases when closed; null when somebody else has the lock. */
    static AutoCloseable tryLock(Path file) throws IOException {
      int descriptor;
      int busy;
      try (Arena arena = Arena.ofConfined()) {
        descriptor = (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), OPEN_READ_WRITE);
        busy = descriptor < 0 ? -1 : (int) FLOCK.invokeExact(descriptor, EXCLUSIVE_NOW);
        if (descriptor >= 0 && busy != 0) close(descriptor);
      } catch (Throwable e) {
        throw new AssertionError("calling flock", e);
      }
      if (descriptor < 0) throw new IOException(file + ": cannot be opened for locking");
      return busy == 0 ? () -> close(descriptor) : null;
    }

    private static void close(int descriptor) {
      try {
        int ignored = (int) CLOSE.invokeExact(descriptor);
      } catch (Throwable e) {
        throw new AssertionError("calling close", e);
      }
    }
  }
}
