package dev.quern.backend.cuda;

import dev.quern.cuda.CudaException;
import dev.quern.cuda.CudaMemory;
import dev.quern.files.HugeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Pinned memory that files are read into: in huge pages, which a disk fills fastest, registered
 * with the driver; where that is refused, memory of the driver's own.
 */
final class PinnedBuffer implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final boolean registered;

  /** The context must be current. */
  PinnedBuffer(long bytes) {
    MemorySegment own = HugeMemory.allocate(arena, bytes);
    // Backed by this thread, before the driver pins it page by page.
    own.fill((byte) 0);
    registered = register(own);
    memory =
        registered
            ? own
            : MemorySegment.ofAddress(CudaMemory.hostAlloc(bytes))
                .reinterpret(bytes, arena, all -> CudaMemory.hostFree(all.address()));
  }

  private static boolean register(MemorySegment memory) {
    try {
      CudaMemory.hostRegister(memory.address(), memory.byteSize());
      return true;
    } catch (CudaException refused) {
      // A lost context shows when the driver is asked for memory.
      return false;
    }
  }

  /** One of several buffers of {@code bytes}, one after the other. */
  MemorySegment part(int index, long bytes) {
    return memory.asSlice(index * bytes, bytes);
  }

  /** No copy may be reading it. */
  @Override
  public void close() {
    if (registered) {
      CudaMemory.hostUnregister(memory.address());
    }
    arena.close();
  }
}
