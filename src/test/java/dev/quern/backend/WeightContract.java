package dev.quern.backend;

import static dev.quern.backend.OpsFixture.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Weights and vectors as they are taken in: their parts, their types. */
interface WeightContract extends OpsFixture {
  @Test
  default void partsJoinAndSelectRows() {
    float[] stored = values(12 * 5, 1, 1);
    float[] second = values(40 * 5, 2, 1);
    MemorySegment data = MemorySegment.ofArray(stored);
    WeightPart some = new WeightPart.Stored(data, DType.F32, 12, 5, 2, 2, 6, 2, false, null);
    WeightPart all = WeightPart.Stored.whole(MemorySegment.ofArray(second), DType.F32, 40, 5);
    WeightPart constant = new WeightPart.Constant(3, 5, 0.25f);
    Weight weight = backend().matrix("w", backend().activationType(), List.of(some, all, constant));
    assertEquals(47, weight.rows());
    assertEquals(5, weight.cols());
    float[] expected = new float[47 * 5];
    int[] rows = {2, 3, 8, 9};
    for (int i = 0; i < 4; i++) {
      System.arraycopy(stored, rows[i] * 5, expected, i * 5, 5);
    }
    System.arraycopy(second, 0, expected, 20, 200);
    Arrays.fill(expected, 220, 235, 0.25f);
    assertSame(expected, held(weight), "joined parts");
  }

  @Test
  default void transposedPartsCountColumns() {
    float[] stored = values(7 * 9, 1, 1);
    WeightPart part =
        new WeightPart.Stored(
            MemorySegment.ofArray(stored), DType.F32, 7, 9, 1, 2, 4, 2, true, null);
    float[] held = held(backend().matrix("w", backend().activationType(), List.of(part)));
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
    assertHeld(values, DType.F32, part);
    assertHeld(asF16, DType.F16, part);
    assertHeld(asBf16, DType.BF16, part);
    short[] halves = {0x3c00, (short) 0xfc00, 0x7e00, 0x0001, 0x03ff, (short) 0x8400};
    float[] asFloat = {1f, -inf, Float.NaN, 5.9604645e-8f, 6.097555e-5f, -6.1035156e-5f};
    WeightPart half =
        WeightPart.Stored.whole(MemorySegment.ofArray(halves), DType.F16, 1, halves.length);
    assertHeld(asFloat, DType.F32, half);
    assertHeld(asFloat, DType.F16, half);
    short[] brains = {0x3f80, (short) 0xff80, 0x7fc0, 0x0001};
    WeightPart brain =
        WeightPart.Stored.whole(MemorySegment.ofArray(brains), DType.BF16, 1, brains.length);
    float[] brainFloats = {1f, -inf, Float.NaN, 9.18355e-41f};
    assertHeld(brainFloats, DType.F32, brain);
    assertHeld(brainFloats, DType.BF16, brain);
  }

  /** Where weights may be held in that type. */
  private void assertHeld(float[] expected, DType dtype, WeightPart part) {
    if (!heldTypes().contains(dtype)) {
      return;
    }
    float[] actual = held(backend().matrix("w", dtype, List.of(part)));
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], dtype + " value " + i);
    }
  }

  @Test
  default void randomWeightsAreUniformAndRepeatable() {
    for (DType dtype : heldTypes()) {
      checkRandom(dtype);
    }
  }

  private void checkRandom(DType dtype) {
    WeightPart part = new WeightPart.Random(100, 50, 42, 0.5f, false);
    float[] held = held(backend().matrix("w", dtype, List.of(part)));
    double sum = 0;
    double squares = 0;
    for (float value : held) {
      assertTrue(Math.abs(value) <= 0.5f);
      sum += value;
      squares += value * value;
    }
    assertEquals(0, sum / held.length, 0.02);
    assertEquals(1.0 / 12, squares / held.length, 0.004);
    assertSame(held, held(backend().matrix("w", dtype, List.of(part))), "same seed");
    WeightPart other = new WeightPart.Random(100, 50, 43, 0.5f, false);
    assertFalse(Arrays.equals(held, held(backend().matrix("w", dtype, List.of(other)))));
  }

  @Test
  default void vectorsJoinTheirParts() {
    float[] stored = values(6, 1, 1);
    WeightPart part = WeightPart.Stored.whole(MemorySegment.ofArray(stored), DType.F32, 1, 6);
    Tensor vector = backend().vector("v", List.of(part, new WeightPart.Constant(1, 2, 3f)));
    assertEquals(1, vector.rows());
    float[] expected = Arrays.copyOf(stored, 8);
    expected[6] = 3;
    expected[7] = 3;
    assertSame(expected, backend().download(vector), "vector");
  }

  @Test
  default void dataOfAnotherShapeIsNamed() {
    WeightPart part = WeightPart.Stored.whole(MemorySegment.ofArray(new float[5]), DType.F32, 2, 3);
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> backend().matrix("layers.3.up", backend().activationType(), List.of(part)));
    assertTrue(error.getMessage().contains("layers.3.up"), error.getMessage());
  }
}
