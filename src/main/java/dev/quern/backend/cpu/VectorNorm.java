package dev.quern.backend.cpu;

import static dev.quern.backend.cpu.Lanes.FLOATS;
import static dev.quern.backend.cpu.Lanes.LANES;
import static dev.quern.backend.cpu.Lanes.load;
import static dev.quern.backend.cpu.Lanes.store;

import dev.quern.backend.Norm;
import jdk.incubator.vector.FloatVector;

/**
 * Normalisation of one row by address. Sums run lane by lane and are then added in the order of the
 * lanes: {@code reduceLanes} may add in another order in compiled code than before it is compiled.
 */
final class VectorNorm {
  private VectorNorm() {}

  /**
   * y = norm(x) over {@code count} values; y may be x.
   *
   * @param weightFrom first element of the weight and the bias
   * @param lanes room for the lanes of a vector
   */
  static void apply(long y, long x, int count, Norm norm, int weightFrom, float[] lanes) {
    float mean = norm.kind() == Norm.Kind.LAYER ? sum(x, count, lanes) / count : 0;
    float squares = sumOfSquares(x, count, mean, lanes);
    float scale = (float) (1 / Math.sqrt((double) squares / count + norm.eps()));
    long weight = address(norm.weight(), weightFrom);
    long bias = address(norm.bias(), weightFrom);
    for (int i = 0; i < count; i += LANES) {
      int left = count - i;
      FloatVector value = load(x + i * 4L, left).sub(mean).mul(scale);
      if (weight != 0) {
        value = value.mul(load(weight + i * 4L, left).add(norm.weightOffset()));
      }
      if (bias != 0) {
        value = value.add(load(bias + i * 4L, left));
      }
      store(value, y + i * 4L, left);
    }
  }

  private static long address(dev.quern.backend.Tensor vector, int from) {
    return vector == null ? 0 : ((CpuTensor) vector).address() + from * 4L;
  }

  private static float sum(long x, int count, float[] lanes) {
    FloatVector sums = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += LANES) {
      sums = sums.add(load(x + i * 4L, count - i));
    }
    return add(sums, lanes);
  }

  private static float sumOfSquares(long x, int count, float mean, float[] lanes) {
    FloatVector sums = FloatVector.zero(FLOATS);
    int whole = count / LANES * LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector deviation = load(x + i * 4L).sub(mean);
      sums = deviation.fma(deviation, sums);
    }
    float total = add(sums, lanes);
    for (int i = whole; i < count; i++) {
      float deviation = Lanes.get(x + i * 4L) - mean;
      total = Math.fma(deviation, deviation, total);
    }
    return total;
  }

  /** The sum of the lanes in their order. */
  private static float add(FloatVector sums, float[] lanes) {
    sums.intoArray(lanes, 0);
    float total = 0;
    for (int i = 0; i < LANES; i++) {
      total += lanes[i];
    }
    return total;
  }
}
