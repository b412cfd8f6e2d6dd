package dev.quern.backend.cuda;

import dev.quern.cuda.CudaMemory;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A range of device addresses, reserved once and backed by memory from its start as far as it is
 * needed, so that addresses (and the steps captured with them) survive growth and shrinking. Memory
 * comes in chunks.
 */
final class DeviceRange implements AutoCloseable {
  private record Chunk(long handle, long bytes) {}

  private final int device;
  private final long granularityBytes;
  private final long chunkBytes;
  private final long address;
  private final long reservedBytes;
  private final Deque<Chunk> chunks = new ArrayDeque<>();
  private long backedBytes;

  /**
   * @param reservedBytes the most it can grow to; addresses cost no memory
   * @param chunkBytes memory is taken in multiples of this
   */
  DeviceRange(int device, long reservedBytes, long chunkBytes) {
    this.device = device;
    granularityBytes = CudaMemory.granularity(device);
    this.chunkBytes = roundUp(Math.max(1, chunkBytes), granularityBytes);
    this.reservedBytes = roundUp(Math.max(1, reservedBytes), this.chunkBytes);
    address = CudaMemory.reserve(this.reservedBytes);
  }

  long address() {
    return address;
  }

  long backedBytes() {
    return backedBytes;
  }

  /** Backs at least the first {@code bytes}. */
  void grow(long bytes) {
    long wanted = roundUp(bytes, chunkBytes);
    if (wanted > reservedBytes) {
      throw new IllegalArgumentException(
          bytes + " bytes are more than the " + reservedBytes + " reserved");
    }
    if (wanted <= backedBytes) {
      return;
    }
    long more = wanted - backedBytes;
    long handle = CudaMemory.createMemory(device, more);
    try {
      CudaMemory.map(address + backedBytes, more, handle);
    } catch (RuntimeException e) {
      CudaMemory.releaseMemory(handle);
      throw e;
    }
    chunks.push(new Chunk(handle, more));
    CudaMemory.setAccess(address + backedBytes, more, device);
    backedBytes = wanted;
  }

  /**
   * Gives back the chunks that lie wholly behind the first {@code bytes}; nothing may be using
   * them.
   */
  void shrink(long bytes) {
    while (!chunks.isEmpty() && backedBytes - chunks.peek().bytes() >= bytes) {
      Chunk chunk = chunks.pop();
      backedBytes -= chunk.bytes();
      CudaMemory.unmap(address + backedBytes, chunk.bytes());
      CudaMemory.releaseMemory(chunk.handle());
    }
  }

  @Override
  public void close() {
    shrink(0);
    CudaMemory.unreserve(address, reservedBytes);
  }

  private static long roundUp(long value, long to) {
    return Math.ceilDiv(value, to) * to;
  }
}
