package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions lane by lane, to about 1e-7 of the value (erf and tanh: of 1). They are
 * built of the same operations at any vector width, so the width does not change a result.
 */
final class VectorMath {
  private static final float LOG2_E = 1.442695041f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** 1.5 · 2^23: adding it rounds to an integer that lies in the low bits. */
  private static final float ROUND = 12_582_912f;

  private static final float LEAST_EXP = -87f;
  private static final float MOST_EXP = 88f;

  private VectorMath() {}

  /** e^x; 0 below -87, and no more than e^88. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.min(MOST_EXP).max(LEAST_EXP);
    FloatVector rounded = bounded.lanewise(VectorOperators.FMA, LOG2_E, ROUND);
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.lanewise(VectorOperators.FMA, broadcast(-LN2_HIGH), bounded);
    r = n.lanewise(VectorOperators.FMA, broadcast(-LN2_LOW), r);
    // Taylor with the last terms rounded for |r| <= ln2/2 (Cephes expf).
    FloatVector p = broadcast(1.9875691500e-4f);
    p = p.lanewise(VectorOperators.FMA, r, broadcast(1.3981999507e-3f));
    p = p.lanewise(VectorOperators.FMA, r, broadcast(8.3334519073e-3f));
    p = p.lanewise(VectorOperators.FMA, r, broadcast(4.1665795894e-2f));
    p = p.lanewise(VectorOperators.FMA, r, broadcast(1.6666665459e-1f));
    p = p.lanewise(VectorOperators.FMA, r, broadcast(5.0000001201e-1f));
    p = p.lanewise(VectorOperators.FMA, r.mul(r), r).add(1f);
    IntVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector result = p.reinterpretAsInts().add(power).reinterpretAsFloats();
    VectorMask<Float> tiny = x.compare(VectorOperators.LT, LEAST_EXP);
    return result.blend(0f, tiny);
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    return broadcast(1f).div(exp(x.neg()).add(1f));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector far = broadcast(1f).sub(broadcast(2f).div(exp(x.add(x)).add(1f)));
    // Near 0 the difference above loses its digits; the series does not.
    FloatVector square = x.mul(x);
    FloatVector p = broadcast(-17f / 315);
    p = p.lanewise(VectorOperators.FMA, square, broadcast(2f / 15));
    p = p.lanewise(VectorOperators.FMA, square, broadcast(-1f / 3));
    FloatVector near = p.mul(square).lanewise(VectorOperators.FMA, x, x);
    return far.blend(near, x.abs().compare(VectorOperators.LT, 0.15f));
  }

  /** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
  static FloatVector erf(FloatVector x) {
    FloatVector z = x.abs();
    FloatVector t = broadcast(1f).div(z.lanewise(VectorOperators.FMA, 0.3275911f, 1f));
    FloatVector p = broadcast(1.061405429f);
    p = p.lanewise(VectorOperators.FMA, t, broadcast(-1.453152027f));
    p = p.lanewise(VectorOperators.FMA, t, broadcast(1.421413741f));
    p = p.lanewise(VectorOperators.FMA, t, broadcast(-0.284496736f));
    p = p.lanewise(VectorOperators.FMA, t, broadcast(0.254829592f));
    FloatVector tail = p.mul(t).mul(exp(z.mul(z).neg()));
    FloatVector value = broadcast(1f).sub(tail);
    return value.blend(value.neg(), x.compare(VectorOperators.LT, 0f));
  }

  /**
   * fp16 in the high halves of the lanes to fp32: exponent and fraction moved into place, then
   * scaled by 2^112, which is right for subnormal values too; infinities and NaN are mended.
   */
  static FloatVector highHalfs(IntVector bits) {
    IntVector sign = bits.and(0x8000_0000);
    IntVector magnitude = bits.and(0x7fff_0000).lanewise(VectorOperators.LSHR, 3);
    FloatVector value = magnitude.reinterpretAsFloats().mul(0x1p112f);
    FloatVector special = magnitude.or(0x7f80_0000).reinterpretAsFloats();
    value = value.blend(special, magnitude.compare(VectorOperators.GE, 0x7c00 << 13).cast(FLOATS));
    return value.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
