package dev.quern.backend.cpu;

import dev.quern.backend.DType;

/** Conversions between float and the bit patterns of the element types, to nearest even. */
final class Bits {
  private Bits() {}

  static float fromBf16(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest even; a NaN stays a (quiet) NaN and overflow becomes infinity. */
  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fff_ffff) > 0x7f80_0000) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }

  /** The value of the low bits of {@code bits} as an element of {@code dtype}. */
  static float toFloat(DType dtype, int bits) {
    return switch (dtype) {
      case F32 -> Float.intBitsToFloat(bits);
      case F16 -> Float.float16ToFloat((short) bits);
      case BF16 -> fromBf16(bits);
    };
  }

  /** The bit pattern of {@code value} in {@code dtype}, in the low bits. */
  static int fromFloat(DType dtype, float value) {
    return switch (dtype) {
      case F32 -> Float.floatToRawIntBits(value);
      case F16 -> Float.floatToFloat16(value) & 0xffff;
      case BF16 -> toBf16(value) & 0xffff;
    };
  }
}
