package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions lane by lane, to about 1e-7 of the value (erf and tanh: of 1). They are
 * built of the same operations at any vector width, so the width does not change a result.
 */
final class VectorMath {
  private static final float LEAST_EXP = -87f;
  private static final float MOST_EXP = 88f;

  // Constants are whole vectors: made once, they cost nothing in a loop, compiled or not.
  private static final FloatVector ONE = broadcast(1f);
  private static final FloatVector TWO = broadcast(2f);
  private static final FloatVector LOG2_E = broadcast(1.442695041f);
  private static final FloatVector MINUS_LN2_HIGH = broadcast(-0.693359375f);
  private static final FloatVector MINUS_LN2_LOW = broadcast(2.12194440e-4f);

  /** 1.5 · 2^23: adding it rounds to an integer that lies in the low bits. */
  private static final FloatVector ROUND = broadcast(12_582_912f);

  /** Coefficients of e^r for |r| <= ln2/2, from r^7 down to r^2 (Cephes expf). */
  private static final FloatVector E7 = broadcast(1.9875691500e-4f);

  private static final FloatVector E6 = broadcast(1.3981999507e-3f);
  private static final FloatVector E5 = broadcast(8.3334519073e-3f);
  private static final FloatVector E4 = broadcast(4.1665795894e-2f);
  private static final FloatVector E3 = broadcast(1.6666665459e-1f);
  private static final FloatVector E2 = broadcast(5.0000001201e-1f);

  /** The series of tanh near 0: x - x³/3 + 2x⁵/15 - 17x⁷/315. */
  private static final FloatVector T7 = broadcast(-17f / 315);

  private static final FloatVector T5 = broadcast(2f / 15);
  private static final FloatVector T3 = broadcast(-1f / 3);

  private static final FloatVector ERF_SLOPE = broadcast(0.3275911f);
  private static final FloatVector ERF_5 = broadcast(1.061405429f);
  private static final FloatVector ERF_4 = broadcast(-1.453152027f);
  private static final FloatVector ERF_3 = broadcast(1.421413741f);
  private static final FloatVector ERF_2 = broadcast(-0.284496736f);
  private static final FloatVector ERF_1 = broadcast(0.254829592f);

  private VectorMath() {}

  /** e^x; 0 below -87, and no more than e^88. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.min(MOST_EXP).max(LEAST_EXP);
    FloatVector rounded = bounded.fma(LOG2_E, ROUND);
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, bounded));
    FloatVector p = E7.fma(r, E6).fma(r, E5).fma(r, E4).fma(r, E3).fma(r, E2);
    p = p.fma(r.mul(r), r).add(ONE);
    IntVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    FloatVector result = p.reinterpretAsInts().add(power).reinterpretAsFloats();
    return result.blend(0f, x.compare(VectorOperators.LT, LEAST_EXP));
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(exp(x.neg()).add(ONE));
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector far = ONE.sub(TWO.div(exp(x.add(x)).add(ONE)));
    // Near 0 the difference above loses its digits; the series does not.
    FloatVector square = x.mul(x);
    FloatVector near = T7.fma(square, T5).fma(square, T3).mul(square).fma(x, x);
    return far.blend(near, x.abs().compare(VectorOperators.LT, 0.15f));
  }

  /** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
  static FloatVector erf(FloatVector x) {
    FloatVector z = x.abs();
    FloatVector t = ONE.div(z.fma(ERF_SLOPE, ONE));
    FloatVector p = ERF_5.fma(t, ERF_4).fma(t, ERF_3).fma(t, ERF_2).fma(t, ERF_1);
    FloatVector tail = p.mul(t).mul(exp(z.mul(z).neg()));
    FloatVector value = ONE.sub(tail);
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

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
