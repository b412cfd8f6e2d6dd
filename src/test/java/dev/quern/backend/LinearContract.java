package dev.quern.backend;

import static dev.quern.backend.OpsFixture.slice;
import static dev.quern.backend.OpsFixture.uniform;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Matrix products. */
interface LinearContract extends OpsFixture {
  @Test
  default void linearIsRightAtAnyShapeAndType() {
    int[][] shapes = {{1, 1}, {5, 3}, {32, 16}, {33, 64}, {70, 257}, {96, 300}, {200, 40}};
    for (DType dtype : heldTypes()) {
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
    assertAlike(backend().download(plain), backend().download(sum), "linearAdd");
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
    for (DType dtype : heldTypes()) {
      for (int inputs : new int[] {530, 544}) {
        checkRowsAlone(dtype, 100, inputs, 67);
      }
    }
  }

  private void checkRowsAlone(DType dtype, int outputs, int inputs, int rows) {
    Weight weight =
        backend().matrix("w", dtype, List.of(new WeightPart.Random(outputs, inputs, 1, 1, false)));
    Linear linear = new Linear(weight, random(1, outputs, 2));
    Tensor x = random(rows, inputs, 3);
    Tensor all = poisoned(rows, outputs);
    ops().linear(all, x, linear);
    float[] whole = backend().download(all);
    for (int part : new int[] {1, 2, 3, 7, 8, 13, 40}) {
      for (int from = 0; from + part <= rows; from += part) {
        Tensor y = poisoned(part, outputs);
        ops().linear(y, x.rows(from, part), linear);
        assertAlike(
            slice(whole, from * outputs, part * outputs),
            backend().download(y),
            dtype + " rows " + from + " + " + part);
      }
    }
  }

  @Test
  default void fp16SubnormalAndLargeWeightsMultiplyRight() {
    assumeTrue(heldTypes().contains(DType.F16), "weights are held in " + heldTypes());
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
      assertEquals(Float.float16ToFloat(halves[i]) + 0f, values[i] + 0f, "bits " + halves[i]);
    }
  }

  @Test
  default void largeRandomWeightsMayShareMemory() {
    WeightPart shared = new WeightPart.Random(100_000, 64, 1, 0.5f, true);
    Weight large = backend().matrix("w", heldTypes().getLast(), List.of(shared));
    Tensor y = poisoned(1, 100_000);
    ops().linear(y, random(1, 64, 5), new Linear(large, null));
    for (float value : backend().download(y)) {
      assertTrue(Math.abs(value) <= 32);
    }
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
  }
}
