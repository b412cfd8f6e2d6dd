package dev.quern.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width of this machine, at most the 16 floats of half a panel column, and access to
 * native memory by address.
 *
 * <p>{@link #ALL} spans all memory, as a constant: the compiler then sees one segment of one kind
 * everywhere and removes its checks. An op checks the sizes of its tensors once instead.
 */
final class Lanes {
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS =
      IntVector.SPECIES_PREFERRED.length() > 16
          ? IntVector.SPECIES_512
          : IntVector.SPECIES_PREFERRED;
  static final int LANES = FLOATS.length();
  static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Lanes() {}

  /**
   * Asks for the cache line at an address of memory of our own that is written to: a store of no
   * lane. Java has no prefetch, and a load that nobody waits for yet still holds up all that comes
   * behind it; a store is done with as soon as its address is known. Memory 200 ns away then
   * arrives beside the arithmetic instead of between it. Narrower vectors' masked stores are left
   * alone.
   */
  static void prefetch(long address) {
    if (LANES == 16) {
      IntVector.zero(INTS).intoMemorySegment(ALL, address, LITTLE, INTS.maskAll(false));
    }
  }

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(FLOATS, ALL, address, LITTLE);
  }

  static void store(FloatVector values, long address) {
    values.intoMemorySegment(ALL, address, LITTLE);
  }

  /** The first {@code count} lanes, zero in the others. */
  static FloatVector load(long address, int count) {
    return count >= LANES
        ? load(address)
        : FloatVector.fromMemorySegment(
            FLOATS, ALL, address, LITTLE, FLOATS.indexInRange(0, count));
  }

  static void store(FloatVector values, long address, int count) {
    if (count >= LANES) {
      values.intoMemorySegment(ALL, address, LITTLE);
    } else {
      values.intoMemorySegment(ALL, address, LITTLE, FLOATS.indexInRange(0, count));
    }
  }

  static float get(long address) {
    return ALL.get(JAVA_FLOAT, address);
  }

  static void set(long address, float value) {
    ALL.set(JAVA_FLOAT, address, value);
  }

  static FloatVector broadcast(long address) {
    return FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT, address));
  }
}
