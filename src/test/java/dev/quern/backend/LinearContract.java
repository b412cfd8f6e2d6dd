package dev.quern.backend;

import static dev.quern.backend.OpsFixture.assertSame;
import static dev.quern.backend.OpsFixture.slice;
import static dev.quern.backend.OpsFixture.uniform;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Weights in all their forms, and matrix products. */
interface LinearContract extends OpsFixture {
  @Test
  default void linearIsRightAtAnyShapeAndType() {
    int[][] shapes = {{1, 1}, {5, 3}, {32, 16}, {33, 64}, {70, 257}, {96, 300}, {200, 40}};
    for (DType dtype : DType.values()) {
      for (int[] shape : shapes) {
        for (int rows : new int[] {1, 2, 3, 5, 8, 17, 41}) {
          checkLinear(dtype, shape[0], shape[1], rows, rows % 2 == 0);
        }
      }
    }
  }

  private void checkLinear(DType dtype, int outputs, int inputs, int rows, boolean biased) {
    Weight weight =
        backend()
            .matrix("w", dtype, List.of(new WeightPart.Random(outputs, inputs, rows, 0.5f, false)));
    float[] w = held(weight);
    Tensor bias = biased ? random(1, outputs, 7) : null;
    Tensor x = random(rows, inputs, 3);
    Tensor y = poisoned(rows, outputs);
    Linear linear = new Linear(weight, bias);
    ops().linear(y, x, linear);
    double[] expected = reference(backend().download(x), w, bias, rows, outputs, inputs);
    assertClose(expected, y, 1e-5);

    float[] first = uniform(rows * outputs, 9, 1);
    Tensor sum = tensor(rows, outputs, first);
    ops().linearAdd(sum, x, linear, 0.5f, poisoned(rows, outputs));
    Tensor plain = tensor(rows, outputs, first);
    ops().add(plain, y, 0.5f);
    assertSame(backend().download(plain), backend().download(sum), "linearAdd");
  }

  private double[] reference(float[] x, float[] w, Tensor bias, int rows, int outputs, int inputs) {
    float[] shifts = bias == null ? new float[outputs] : backend().download(bias);
    double[] y = new double[rows * outputs];
    for (int t = 0; t < rows; t++) {
      for (int n = 0; n < outputs; n++) {
        double sum = shifts[n];
        for (int k = 0; k < inputs; k++) {
          sum += (double) x[t * inputs + k] * w[n * inputs + k];
        }
        y[t * outputs + n] = sum;
      }
    }
    return y;
  }

  @Test
  default void aRowOfAProductDoesNotDependOnTheOtherRows() {
    int outputs = 100;
    int inputs = 530;
    int rows = 67;
    for (DType dtype : DType.values()) {
      Weight weight =
          backend()
              .matrix("w", dtype, List.of(new WeightPart.Random(outputs, inputs, 1, 1, false)));
      Linear linear = new Linear(weight, random(1, outputs, 2));
      Tensor x = random(rows, inputs, 3);
      Tensor all = poisoned(rows, outputs);
      ops().linear(all, x, linear);
      float[] whole = backend().download(all);
      for (int part : new int[] {1, 2, 3, 7, 8, 13, 40}) {
        for (int from = 0; from + part <= rows; from += part) {
          Tensor y = poisoned(part, outputs);
          ops().linear(y, x.rows(from, part), linear);
          assertSame(
              slice(whole, from * outputs, part * outputs),
              backend().download(y),
              dtype + " rows " + from + " + " + part);
        }
      }
    }
  }

  @Test
  default void partsJoinAndSelectRows() {
    float[] stored = uniform(12 * 5, 1, 1);
    float[] second = uniform(40 * 5, 2, 1);
    MemorySegment data = MemorySegment.ofArray(stored);
    WeightPart some = new WeightPart.Stored(data, DType.F32, 12, 5, 2, 2, 6, 2, false, null);
    WeightPart all = WeightPart.Stored.whole(MemorySegment.ofArray(second), DType.F32, 40, 5);
    WeightPart constant = new WeightPart.Constant(3, 5, 0.25f);
    Weight weight = backend().matrix("w", DType.F32, List.of(some, all, constant));
    assertEquals(47, weight.rows());
    assertEquals(5, weight.cols());
    float[] expected = new float[47 * 5];
    int[] rows = {2, 3, 8, 9};
    for (int i = 0; i < 4; i++) {
      System.arraycopy(stored, rows[i] * 5, expected, i * 5, 5);
    }
    System.arraycopy(second, 0, expected, 20, 200);
    java.util.Arrays.fill(expected, 220, 235, 0.25f);
    assertSame(expected, held(weight), "joined parts");
  }

  @Test
  default void transposedPartsCountColumns() {
    float[] stored = uniform(7 * 9, 1, 1);
    WeightPart part =
        new WeightPart.Stored(
            MemorySegment.ofArray(stored), DType.F32, 7, 9, 1, 2, 4, 2, true, null);
    float[] held = held(backend().matrix("w", DType.F32, List.of(part)));
    int[] columns = {1, 2, 5, 6};
    for (int n = 0; n < 4; n++) {
      for (int k = 0; k < 7; k++) {
        assertEquals(stored[k * 9 + columns[n]], held[n * 7 + k]);
      }
    }
  }

  @Test
  default void storedTypesAreConvertedToTheTypeHeld() {
    // A tie to even below and above, overflow, subnormals, and what is not finite.
    float[] values = {
      1.00390625f,
      1.01171875f,
      -1.0f,
      3.4e38f,
      65519f,
      65520f,
      1e-40f,
      5.9e-8f,
      2.9e-8f,
      -0f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      0.1f
    };
    float inf = Float.POSITIVE_INFINITY;
    float[] asBf16 = {
      1f,
      1.015625f,
      -1f,
      inf,
      65536f,
      65536f,
      9.18355e-41f,
      5.8906153e-8f,
      2.8987415e-8f,
      -0f,
      inf,
      -inf,
      Float.NaN,
      0.100097656f
    };
    float[] asF16 = {
      1.0039062f,
      1.0117188f,
      -1f,
      inf,
      65504f,
      inf,
      0f,
      5.9604645e-8f,
      0f,
      -0f,
      inf,
      -inf,
      Float.NaN,
      0.099975586f
    };
    WeightPart part =
        WeightPart.Stored.whole(MemorySegment.ofArray(values), DType.F32, 1, values.length);
    assertValues(asBf16, held(backend().matrix("w", DType.BF16, List.of(part))));
    assertValues(asF16, held(backend().matrix("w", DType.F16, List.of(part))));
    assertValues(values, held(backend().matrix("w", DType.F32, List.of(part))));
    short[] halves = {0x3c00, (short) 0xfc00, 0x7e00, 0x0001, 0x03ff, (short) 0x8400};
    float[] asFloat = {1f, -inf, Float.NaN, 5.9604645e-8f, 6.097555e-5f, -6.1035156e-5f};
    WeightPart half =
        WeightPart.Stored.whole(MemorySegment.ofArray(halves), DType.F16, 1, halves.length);
    assertValues(asFloat, held(backend().matrix("w", DType.F32, List.of(half))));
    assertValues(asFloat, held(backend().matrix("w", DType.F16, List.of(half))));
    short[] brains = {0x3f80, (short) 0xff80, 0x7fc0, 0x0001};
    WeightPart brain =
        WeightPart.Stored.whole(MemorySegment.ofArray(brains), DType.BF16, 1, brains.length);
    float[] brainFloats = {1f, -inf, Float.NaN, 9.18355e-41f};
    assertValues(brainFloats, held(backend().matrix("w", DType.F32, List.of(brain))));
  }

  private static void assertValues(float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], "value " + i);
    }
  }

  @Test
  default void fp16SubnormalAndLargeWeightsMultiplyRight() {
    List<Short> bits = new ArrayList<>();
    for (int b = 0; b < 0x7c00; b += 37) {
      bits.add((short) b);
      bits.add((short) (b | 0x8000));
    }
    short[] halves = new short[bits.size()];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = bits.get(i);
    }
    WeightPart part =
        WeightPart.Stored.whole(MemorySegment.ofArray(halves), DType.F16, halves.length, 1);
    Weight weight = backend().matrix("w", DType.F16, List.of(part));
    Tensor y = poisoned(1, halves.length);
    ops().linear(y, tensor(1, 1, new float[] {1}), new Linear(weight, null));
    float[] values = backend().download(y);
    for (int i = 0; i < halves.length; i++) {
      assertEquals(Float.float16ToFloat(halves[i]) + 0f, values[i], "bits " + halves[i]);
    }
  }

  @Test
  default void randomWeightsAreUniformRepeatableAndShareable() {
    WeightPart part = new WeightPart.Random(100, 50, 42, 0.5f, false);
    float[] held = held(backend().matrix("w", DType.BF16, List.of(part)));
    double sum = 0;
    double squares = 0;
    for (float value : held) {
      assertTrue(Math.abs(value) <= 0.5f);
      sum += value;
      squares += value * value;
    }
    assertEquals(0, sum / held.length, 0.02);
    assertEquals(1.0 / 12, squares / held.length, 0.004);
    assertSame(held, held(backend().matrix("w", DType.BF16, List.of(part))), "same seed");
    WeightPart other = new WeightPart.Random(100, 50, 43, 0.5f, false);
    assertNotEquals(held[0], held(backend().matrix("w", DType.BF16, List.of(other)))[0]);

    WeightPart shared = new WeightPart.Random(100_000, 64, 1, 0.5f, true);
    Weight large = backend().matrix("w", DType.F16, List.of(shared));
    assertEquals(0, large.deviceBytes());
    Tensor y = poisoned(1, 100_000);
    ops().linear(y, random(1, 64, 5), new Linear(large, null));
    for (float value : backend().download(y)) {
      assertTrue(Math.abs(value) <= 32);
    }
  }

  @Test
  default void vectorsJoinTheirParts() {
    float[] stored = uniform(6, 1, 1);
    WeightPart part = WeightPart.Stored.whole(MemorySegment.ofArray(stored), DType.F32, 1, 6);
    Tensor vector = backend().vector("v", List.of(part, new WeightPart.Constant(1, 2, 3f)));
    assertEquals(1, vector.rows());
    float[] expected = java.util.Arrays.copyOf(stored, 8);
    expected[6] = 3;
    expected[7] = 3;
    assertSame(expected, backend().download(vector), "vector");
  }

  @Test
  default void wrongShapesAreNamed() {
    Weight weight = weight(4, 3, new float[12]);
    Linear linear = new Linear(weight, null);
    assertThrows(
        IllegalArgumentException.class,
        () -> ops().linear(poisoned(1, 4), random(1, 2, 1), linear));
    assertThrows(
        IllegalArgumentException.class,
        () -> ops().linear(poisoned(2, 4), random(1, 3, 1), linear));
    WeightPart part = WeightPart.Stored.whole(MemorySegment.ofArray(new float[5]), DType.F32, 2, 3);
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> backend().matrix("layers.3.up", DType.F32, List.of(part)));
    assertTrue(error.getMessage().contains("layers.3.up"), error.getMessage());
  }
}
