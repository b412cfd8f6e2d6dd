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

  /** Types that weights and KV caches may be held in. */
  default List<DType> heldTypes() {
    return List.of(DType.values());
  }

  /** Tokens that a KV block may have. */
  default List<Integer> blockSizes() {
    return List.of(16, 64, 5);
  }

  /**
   * How far two orders of summation may lie apart, relative to the largest value; 0 where there is
   * one order and results are the same bit for bit.
   */
  default double orderTolerance() {
    return 0;
  }

  default Ops ops() {
    return backend().ops();
  }

  /**
   * An error that is allowed in fp32, or that of four roundings to a shorter type of activations.
   */
  default double tolerance(double fp32) {
    return switch (backend().activationType()) {
      case F32 -> fp32;
      case F16 -> Math.max(fp32, 2e-3);
      case BF16 -> Math.max(fp32, 1.6e-2);
    };
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

  /** The same, rounded to what activations hold. */
  default float[] values(int count, long seed, float scale) {
    return backend().download(tensor(1, count, uniform(count, seed, scale)));
  }

  /** An activation of these values, rounded to its type. */
  default Tensor tensor(int rows, int cols, float[] values) {
    Tensor tensor = backend().activation("test", rows, cols);
    backend().write(tensor, values);
    return tensor;
  }

  /** What is fp32 whatever activations are: logits, tables, slopes. */
  default Tensor constant(int rows, int cols, float[] values) {
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

  /** A weight of these values, held in the type of activations. */
  default Weight weight(int rows, int cols, float[] values) {
    return backend()
        .matrix(
            "test",
            backend().activationType(),
            List.of(WeightPart.Stored.whole(MemorySegment.ofArray(values), DType.F32, rows, cols)));
  }

  default Batch batch(int tokens) {
    Batch batch = backend().batch(new BatchLimits(tokens, tokens, 64, 8));
    batch.tokens = tokens;
    return batch;
  }

  /** A batch of {@code rows} rows that are sampled from, with everything switched off. */
  default Batch sampled(int rows) {
    Batch batch = batch(rows);
    batch.sampledRows = rows;
    batch.logits = rows;
    Arrays.fill(batch.sampling.temperature, 1);
    batch.sampling.switchOff();
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

  /** Activations within {@link #tolerance} of the largest value. */
  default void assertClose(double[] expected, Tensor actual, double fp32Tolerance) {
    assertClose(expected, backend().download(actual), fp32Tolerance);
  }

  default void assertClose(double[] expected, float[] actual, double fp32Tolerance) {
    assertValuesClose(expected, actual, tolerance(fp32Tolerance), "reference");
  }

  /** Within {@code tolerance} times the largest value. */
  static void assertValuesClose(double[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual[i]);
      assertTrue(
          error <= tolerance * Math.max(largest, 1e-30),
          what + ", element " + i + ": expected " + expected[i] + ", was " + actual[i]);
    }
  }

  /** The same but for the order of summation; see {@link #orderTolerance}. */
  default void assertAlike(float[] expected, float[] actual, String what) {
    if (orderTolerance() == 0) {
      assertSame(expected, actual, what);
      return;
    }
    double[] values = new double[expected.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = expected[i];
    }
    assertValuesClose(values, actual, orderTolerance(), what);
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
