package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.load;
import static dev.quern.backend.cpu.Lanes.store;

import dev.quern.backend.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The activations lane by lane, on a row by address. */
final class VectorActivation {
  private static final float SQRT_HALF = (float) Math.sqrt(0.5);
  private static final float SQRT_2_OVER_PI = (float) Math.sqrt(2 / Math.PI);

  private VectorActivation() {}

  /** y = act(x), times {@code factor} where it is not 0 (an address too). */
  static void apply(Activation activation, long y, long x, long factor, int count) {
    switch (activation) {
      case SILU -> silu(y, x, factor, count, 1);
      case QUICK_GELU -> silu(y, x, factor, count, 1.702f);
      case GELU -> gelu(y, x, factor, count);
      case GELU_TANH -> geluTanh(y, x, factor, count);
      case RELU -> relu(y, x, factor, count, false);
      case RELU2 -> relu(y, x, factor, count, true);
      case XIELU -> throw new IllegalArgumentException("XIELU has parameters");
    }
  }

  /** y = XIELU(x); [1,4] αp, αn, β, ε. */
  static void xielu(long y, long x, CpuTensor parameters, int count) {
    float above = parameters.get(0, 0);
    float below = parameters.get(0, 1);
    float beta = parameters.get(0, 2);
    float limit = parameters.get(0, 3);
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(x + i * 4L, count - i);
      FloatVector curve = VectorMath.exp(value.min(limit)).sub(1f).sub(value).mul(below);
      FloatVector square = value.mul(value).mul(above);
      curve = curve.blend(square, value.compare(VectorOperators.GT, 0f));
      store(curve.add(value.mul(beta)), y + i * 4L, count - i);
    }
  }

  private static void silu(long y, long x, long factor, int count, float slope) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(x + i * 4L, count - i);
      finish(value.mul(VectorMath.sigmoid(value.mul(slope))), y, factor, i, count);
    }
  }

  private static void gelu(long y, long x, long factor, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(x + i * 4L, count - i);
      FloatVector share = VectorMath.erf(value.mul(SQRT_HALF)).add(1f).mul(0.5f);
      finish(value.mul(share), y, factor, i, count);
    }
  }

  private static void geluTanh(long y, long x, long factor, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(x + i * 4L, count - i);
      FloatVector cube = value.mul(value).mul(value);
      FloatVector inner = cube.lanewise(VectorOperators.FMA, 0.044715f, value).mul(SQRT_2_OVER_PI);
      finish(VectorMath.tanh(inner).add(1f).mul(0.5f).mul(value), y, factor, i, count);
    }
  }

  private static void relu(long y, long x, long factor, int count, boolean squared) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector value = load(x + i * 4L, count - i).max(0f);
      finish(squared ? value.mul(value) : value, y, factor, i, count);
    }
  }

  private static void finish(FloatVector value, long y, long factor, int i, int count) {
    FloatVector result = factor == 0 ? value : value.mul(load(factor + i * 4L, count - i));
    store(result, y + i * 4L, count - i);
  }
}
