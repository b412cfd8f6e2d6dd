package dev.quern.model;

import dev.quern.backend.Backend;
import dev.quern.backend.Rope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Binds rotary embeddings: cos and sin of all positions, once per distinct spec, so that layers
 * share their tables.
 *
 * <p>A table is large (a context of 131,072 tokens has 8 million angles a table), and start-up
 * waits for it. So cos and sin are taken for every 256th position and for the 256 steps between
 * them, and the rest follows from the angle sum formulas in double, one rounding error further.
 */
final class RopeTable {
  private static final int STRIDE = 256;

  private final Backend backend;
  private final int positions;
  private final List<RopeSpec> specs = new ArrayList<>();
  private final List<Rope> bound = new ArrayList<>();

  RopeTable(Backend backend, int positions) {
    this.backend = backend;
    this.positions = positions;
  }

  /** The bound form of {@code spec}, null for null. */
  Rope bind(RopeSpec spec) {
    if (spec == null) {
      return null;
    }
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).sameTable(spec)) {
        return new Rope(bound.get(i).cosSin(), spec.rotaryDim(), spec.interleaved());
      }
    }
    float[] table = table(spec, positions);
    String name = "rope." + specs.size();
    Rope rope =
        new Rope(
            backend.constant(name, positions, spec.rotaryDim(), table),
            spec.rotaryDim(),
            spec.interleaved());
    specs.add(spec);
    bound.add(rope);
    return rope;
  }

  /** [positions, rotaryDim]: cos of all angles, then sin, times the attention factor. */
  static float[] table(RopeSpec spec, int positions) {
    int half = spec.inverseFrequencies().length;
    long elements = (long) positions * spec.rotaryDim();
    if (elements > Integer.MAX_VALUE - 8) {
      throw new ModelConfigException(
          "a context of "
              + positions
              + " tokens needs rotary tables of "
              + elements
              + " values; set a smaller --max-model-len");
    }
    float[] table = new float[(int) elements];
    double[] fineCos = new double[STRIDE * half];
    double[] fineSin = new double[STRIDE * half];
    double factor = spec.attentionFactor();
    for (int step = 0; step < STRIDE; step++) {
      for (int i = 0; i < half; i++) {
        double angle = step * (double) spec.inverseFrequencies()[i];
        fineCos[step * half + i] = Math.cos(angle) * factor;
        fineSin[step * half + i] = Math.sin(angle) * factor;
      }
    }
    IntStream.range(0, Math.ceilDiv(positions, STRIDE))
        .parallel()
        .forEach(block -> fill(table, block * STRIDE, positions, spec, fineCos, fineSin));
    return table;
  }

  /** The rows of the STRIDE positions from {@code first} on. */
  private static void fill(
      float[] table, int first, int positions, RopeSpec spec, double[] fineCos, double[] fineSin) {
    int half = spec.inverseFrequencies().length;
    double[] cos = new double[half];
    double[] sin = new double[half];
    for (int i = 0; i < half; i++) {
      double angle = first * (double) spec.inverseFrequencies()[i];
      cos[i] = Math.cos(angle);
      sin[i] = Math.sin(angle);
    }
    int count = Math.min(STRIDE, positions - first);
    for (int step = 0; step < count; step++) {
      int at = (first + step) * 2 * half;
      int fine = step * half;
      for (int i = 0; i < half; i++) {
        table[at + i] = (float) (cos[i] * fineCos[fine + i] - sin[i] * fineSin[fine + i]);
        table[at + half + i] = (float) (sin[i] * fineCos[fine + i] + cos[i] * fineSin[fine + i]);
      }
    }
  }
}
