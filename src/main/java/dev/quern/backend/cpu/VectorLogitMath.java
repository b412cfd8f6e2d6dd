package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** With vectors. */
final class VectorLogitMath implements LogitMath {
  private final LogitMath plain = new LogitMath.Plain();

  @Override
  public void exp(float[] values, float max, float temperature, float[] weights) {
    int whole = FLOATS.loopBound(values.length);
    for (int v = 0; v < whole; v += LANES) {
      FloatVector value = FloatVector.fromArray(FLOATS, values, v).sub(max).div(temperature);
      VectorMath.exp(value).intoArray(weights, v);
    }
    if (whole < values.length) {
      VectorMask<Float> rest = FLOATS.indexInRange(whole, values.length);
      FloatVector value = FloatVector.fromArray(FLOATS, values, whole, rest);
      VectorMath.exp(value.sub(max).div(temperature)).intoArray(weights, whole, rest);
    }
  }

  /** Finds the highest value, then the first place where it is. */
  @Override
  public int argmax(float[] values) {
    int whole = FLOATS.loopBound(values.length);
    FloatVector most = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int v = 0; v < whole; v += LANES) {
      most = most.max(FloatVector.fromArray(FLOATS, values, v));
    }
    float best = most.reduceLanes(VectorOperators.MAX);
    for (int v = whole; v < values.length; v++) {
      best = Math.max(best, values[v]);
    }
    for (int v = 0; v < whole; v += LANES) {
      VectorMask<Float> found = FloatVector.fromArray(FLOATS, values, v).eq(best);
      if (found.anyTrue()) {
        return v + found.firstTrue();
      }
    }
    for (int v = whole; v < values.length; v++) {
      if (values[v] == best) {
        return v;
      }
    }
    return plain.argmax(values); // a NaN is among them
  }
}
