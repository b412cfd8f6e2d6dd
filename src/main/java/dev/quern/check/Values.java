package dev.quern.check;

import dev.quern.backend.DType;
import java.util.SplittableRandom;

/** Random inputs that both sides hold exactly: values of the type under check. */
final class Values {
  private final SplittableRandom random;
  private final DType dtype;

  Values(long seed, DType dtype) {
    random = new SplittableRandom(seed);
    this.dtype = dtype;
  }

  /** Uniform in ±scale, rounded to the type. */
  float[] uniform(int count, float scale) {
    return uniform(count, 0, scale);
  }

  /** Uniform in centre ± scale, rounded to the type. */
  float[] uniform(int count, float centre, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = round(dtype, centre + (float) (random.nextDouble() * 2 - 1) * scale);
    }
    return values;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  static float round(DType dtype, float value) {
    return switch (dtype) {
      case F32 -> value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> {
        int bits = Float.floatToRawIntBits(value);
        yield Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
      }
    };
  }
}
