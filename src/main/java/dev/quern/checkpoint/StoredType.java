package dev.quern.checkpoint;

import dev.quern.backend.DType;
import java.util.HashMap;
import java.util.Map;

/**
 * Element types that a file may hold, by safetensors' names. All are understood far enough to check
 * a file; those without a {@link #dtype} cannot be weights yet.
 */
public enum StoredType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16, DType.F16),
  BF16(16, DType.BF16),
  I32(32),
  U32(32),
  F32(32, DType.F32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Map<String, StoredType> BY_NAME = new HashMap<>();

  static {
    for (StoredType type : values()) BY_NAME.put(type.name(), type);
  }

  private final int bits;
  private final DType dtype;

  StoredType(int bits) {
    this(bits, null);
  }

  StoredType(int bits, DType dtype) {
    this.bits = bits;
    this.dtype = dtype;
  }

  /** Bits of one element. */
  public int bits() {
    return bits;
  }

  /** The type a backend takes it as, or null. */
  public DType dtype() {
    return dtype;
  }

  /** The type of that name, or null. */
  static StoredType named(String name) {
    return BY_NAME.get(name);
  }
}
