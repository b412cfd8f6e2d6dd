package dev.quern.backend.cuda;

/** Allocations from the start of one range, never given back singly: weights, workspace. */
final class DeviceArena implements AutoCloseable {
  private static final long ALIGN_BYTES = 256;

  private final DeviceRange range;
  private long usedBytes;

  DeviceArena(int device, long reservedBytes, long chunkBytes) {
    range = new DeviceRange(device, reservedBytes, chunkBytes);
  }

  /**
   * The address of {@code bytes} fresh bytes, aligned for every access; their contents are
   * undefined.
   */
  long allocate(long bytes) {
    long address = range.address() + usedBytes;
    usedBytes = Math.ceilDiv(usedBytes + Math.max(1, bytes), ALIGN_BYTES) * ALIGN_BYTES;
    range.grow(usedBytes);
    return address;
  }

  long usedBytes() {
    return usedBytes;
  }

  @Override
  public void close() {
    range.close();
  }
}
