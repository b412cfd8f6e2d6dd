package dev.quern.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.quern.cuda.CudaMemory;
import java.lang.foreign.MemorySegment;

/**
 * Pinned memory and its copy on the device, packed section by section and brought over in one copy.
 * Both grow when a step needs more; the device's address stays, since its range is reserved whole.
 */
final class UploadBuffer implements AutoCloseable {
  private static final long MOST_BYTES = 16L << 30;
  private final DeviceRange device;
  private long pinned;
  private MemorySegment block;
  private long usedBytes;

  UploadBuffer(int ordinal, long firstBytes) {
    device = new DeviceRange(ordinal, MOST_BYTES, 1);
    grow(firstBytes);
  }

  void clear() {
    usedBytes = 0;
  }

  /** The place of the next {@code bytes}, 16-byte aligned, as an offset. */
  long section(long bytes) {
    long at = (usedBytes + 15) & -16;
    usedBytes = at + bytes;
    if (usedBytes > block.byteSize()) {
      grow(Long.highestOneBit(usedBytes) * 2);
    }
    return at;
  }

  /** The pinned side; valid until the next {@link #section}. */
  MemorySegment block() {
    return block;
  }

  long device(long offset) {
    return device.address() + offset;
  }

  void upload(long stream) {
    if (usedBytes > 0) {
      CudaMemory.copyToDevice(device.address(), pinned, usedBytes, stream);
    }
  }

  private void grow(long bytes) {
    device.grow(bytes);
    long larger = CudaMemory.hostAlloc(bytes);
    MemorySegment next = MemorySegment.ofAddress(larger).reinterpret(bytes);
    if (pinned != 0) {
      MemorySegment.copy(block, JAVA_BYTE, 0, next, JAVA_BYTE, 0, block.byteSize());
      CudaMemory.hostFree(pinned); // waits for copies that read it
    }
    pinned = larger;
    block = next;
  }

  @Override
  public void close() {
    CudaMemory.hostFree(pinned);
    device.close();
  }
}
