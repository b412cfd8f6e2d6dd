package dev.quern.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.Linear;
import dev.quern.backend.OpsContract;
import dev.quern.backend.Tensor;
import dev.quern.backend.WeightPart;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VectorOpsTest extends OpsContract {
  @Override
  protected Backend open() {
    return CpuBackend.create(2);
  }

  @Test
  void productsHaveTheBitsOfThePlainLoops() {
    for (DType dtype : DType.values()) {
      for (int rows : new int[] {1, 2, 7, 8, 30, 50}) {
        try (CpuBackend scalar = CpuBackend.scalar(1)) {
          assertArrayEquals(product(scalar, dtype, rows), product(backend(), dtype, rows));
        }
      }
    }
  }

  private static float[] product(Backend backend, DType dtype, int rows) {
    int outputs = 75;
    int inputs = 700;
    WeightPart part = new WeightPart.Random(outputs, inputs, 5, 1, false);
    float[] values = new float[rows * inputs];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i);
    }
    Tensor y = backend.activation("y", rows, outputs);
    Tensor x = backend.constant("x", rows, inputs, values);
    Tensor bias = backend.vector("b", List.of(new WeightPart.Random(1, outputs, 6, 1, false)));
    backend.ops().linear(y, x, new Linear(backend.matrix("w", dtype, List.of(part)), bias));
    return backend.download(y);
  }
}
