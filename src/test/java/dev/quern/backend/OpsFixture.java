package dev.quern.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What the parts of {@link OpsContract} share: seeded values, tensors, comparison. */
public interface OpsFixture {
  Backend backend();

  default Ops ops() {
    return backend().ops();
  }

  /** Values in ±scale. */
  static float[] uniform(int count, long seed, float scale) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-scale, scale);
    }
    return values;
  }

  default Tensor tensor(int rows, int cols, float[] values) {
    return backend().constant("test", rows, cols, values);
  }

  default Tensor random(int rows, int cols, long seed) {
    return tensor(rows, cols, uniform(rows * cols, seed, 1));
  }

  /** An output that an op must write whole. */
  default Tensor poisoned(int rows, int cols) {
    float[] values = new float[rows * cols];
    Arrays.fill(values, Float.NaN);
    return tensor(rows, cols, values);
  }

  /** A weight of exactly these fp32 values. */
  default Weight weight(int rows, int cols, float[] values) {
    return backend()
        .matrix(
            "test",
            DType.F32,
            List.of(WeightPart.Stored.whole(MemorySegment.ofArray(values), DType.F32, rows, cols)));
  }

  default Batch batch(int tokens) {
    Batch batch = backend().batch(new BatchLimits(tokens, tokens, 64, 8));
    batch.tokens = tokens;
    return batch;
  }

  /** Rows of a weight as it is held, read by embedding them. */
  default float[] held(Weight weight) {
    Batch batch = batch(weight.rows());
    for (int i = 0; i < batch.tokens; i++) {
      batch.tokenIds[i] = i;
    }
    Tensor rows = poisoned(weight.rows(), weight.cols());
    backend().upload(batch);
    ops().embed(rows, weight, 1, batch);
    return backend().download(rows);
  }

  default void assertClose(double[] expected, Tensor actual, double tolerance) {
    assertValuesClose(expected, backend().download(actual), tolerance);
  }

  /** Within {@code tolerance} of each value and of the largest one. */
  static void assertValuesClose(double[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual[i]);
      assertTrue(
          error <= tolerance * Math.max(largest, 1e-30),
          "element " + i + ": expected " + expected[i] + ", was " + actual[i]);
    }
  }

  /** Bit for bit. */
  static void assertSame(float[] expected, float[] actual, String what) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          Float.floatToRawIntBits(expected[i]),
          Float.floatToRawIntBits(actual[i]),
          what + ", element " + i + ": " + expected[i] + " and " + actual[i]);
    }
  }

  static float[] slice(float[] values, int from, int count) {
    return Arrays.copyOfRange(values, from, from + count);
  }
}
