package dev.quern.backend.cpu;

import dev.quern.backend.Norm;

/** Normalisation of one row in place; sums run in double, in order. */
final class ScalarNorm {
  private ScalarNorm() {}

  /**
   * Normalises {@code row[from … from+count-1]}.
   *
   * @param weightFrom first element of the weight and the bias
   */
  static void apply(float[] row, int from, int count, Norm norm, int weightFrom) {
    double mean = 0;
    if (norm.kind() == Norm.Kind.LAYER) {
      for (int i = from; i < from + count; i++) {
        mean += row[i];
      }
      mean /= count;
    }
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      double deviation = row[i] - mean;
      squares += deviation * deviation;
    }
    double scale = 1 / Math.sqrt(squares / count + norm.eps());
    CpuTensor weight = (CpuTensor) norm.weight();
    CpuTensor bias = (CpuTensor) norm.bias();
    for (int i = 0; i < count; i++) {
      double value = (row[from + i] - mean) * scale;
      if (weight != null) {
        value *= weight.get(0, weightFrom + i) + norm.weightOffset();
      }
      if (bias != null) {
        value += bias.get(0, weightFrom + i);
      }
      row[from + i] = (float) value;
    }
  }
}
