package dev.quern.check;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import java.util.List;
import java.util.function.Consumer;

/** Runs every case on a device and on the plain CPU ops, and compares. */
public final class OpCheck {
  /**
   * One comparison.
   *
   * @param error ‖out - oracle‖ / ‖oracle‖ over all outputs; for draws, the share that differs
   * @param limit the largest error that passes
   */
  public record Row(String name, DType dtype, double error, double limit) {
    public boolean passed() {
      return error <= limit;
    }
  }

  private OpCheck() {}

  /**
   * @param device the backend under check, with activations of {@code dtype}
   * @param oracle the plain CPU backend
   * @return whether all passed
   */
  public static boolean run(Backend device, Backend oracle, DType dtype, Consumer<Row> report) {
    boolean all = true;
    long seed = 1;
    for (OpCases.Case one : OpCases.all(dtype)) {
      seed++;
      Side expected = new Side(oracle, dtype, seed);
      Side actual = new Side(device, dtype, seed);
      one.body().accept(expected);
      one.body().accept(actual);
      Row row =
          new Row(one.name(), dtype, error(actual.results(), expected.results()), limit(dtype));
      all &= row.passed();
      report.accept(row);
    }
    return all;
  }

  /** Rounding of the outputs, and of what lies between; sums are fp32. */
  static double limit(DType dtype) {
    return switch (dtype) {
      case F32 -> 1e-5;
      case F16 -> 2e-3;
      case BF16 -> 1e-2;
    };
  }

  /** NaN, where an output was not written, makes the error NaN, which passes no limit. */
  static double error(List<float[]> actual, List<float[]> expected) {
    double difference = 0;
    double norm = 0;
    for (int t = 0; t < expected.size(); t++) {
      float[] e = expected.get(t);
      float[] a = actual.get(t);
      for (int i = 0; i < e.length; i++) {
        if (a[i] == e[i] && Float.isInfinite(e[i])) {
          continue; // masked on both sides
        }
        difference += ((double) a[i] - e[i]) * ((double) a[i] - e[i]);
        norm += (double) e[i] * e[i];
      }
    }
    return difference == 0 ? 0 : Math.sqrt(difference / norm);
  }
}
