package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The two structs of the driver's virtual memory calls (cuda.h: CUmemAllocationProp,
 * CUmemAccessDesc).
 */
final class AllocationProperties {
  private static final int PINNED = 1;
  private static final int LOCATION_DEVICE = 1;
  private static final int READ_WRITE = 3;

  private AllocationProperties() {}

  /**
   * CUmemAllocationProp, 32 bytes: type 0, handle types 4, location type 8, location id 12, the
   * rest zero.
   */
  static MemorySegment onDevice(Arena arena, int device) {
    MemorySegment properties = arena.allocate(32, 8);
    properties.set(JAVA_INT, 0, PINNED);
    properties.set(JAVA_INT, 8, LOCATION_DEVICE);
    properties.set(JAVA_INT, 12, device);
    return properties;
  }

  /** CUmemAccessDesc, 12 bytes: location type 0, location id 4, flags 8. */
  static MemorySegment readWrite(Arena arena, int device) {
    MemorySegment access = arena.allocate(12, 4);
    access.set(JAVA_INT, 0, LOCATION_DEVICE);
    access.set(JAVA_INT, 4, device);
    access.set(JAVA_INT, 8, READ_WRITE);
    return access;
  }
}
