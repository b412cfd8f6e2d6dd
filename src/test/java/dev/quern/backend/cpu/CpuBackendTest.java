package dev.quern.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.KvLayout;
import dev.quern.backend.Linear;
import dev.quern.backend.Tensor;
import dev.quern.backend.Weight;
import dev.quern.backend.WeightPart;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CpuBackendTest {
  @Test
  void saysWhatItIs() {
    try (CpuBackend backend = CpuBackend.create(3)) {
      assertTrue(
          backend.description().matches("cpu \\(3 threads, \\d+-bit vectors\\)"),
          backend.description());
      assertEquals(0, backend.lookAhead());
    }
    try (CpuBackend backend = CpuBackend.scalar(1)) {
      assertEquals("cpu (1 thread, scalar)", backend.description());
    }
    assertThrows(IllegalArgumentException.class, () -> CpuBackend.create(-1));
  }

  @Test
  void memoryIsTakenOnlyAsFarAsItIsUsed() {
    try (CpuBackend backend = CpuBackend.create(1)) {
      // Far more than any machine has; touching it all would fail.
      KvLayout layout = new KvLayout(64, 8, 128, 16, DType.F32);
      try (KvCache kv = backend.kvCache(layout, 100_000)) {
        assertEquals(100_000, kv.blocks());
      }
      Tensor logits = backend.activation("logits", 1_000_000, 250_000);
      float[] last = backend.download(logits.rows(999_999, 1));
      assertEquals(0, last[249_999]);
    }
  }

  @Test
  void aWeightOfItsOwnCostsItsBytes() {
    try (CpuBackend backend = CpuBackend.create(1)) {
      WeightPart part = new WeightPart.Random(64, 100, 1, 1, false);
      assertEquals(64 * 100 * 2, backend.matrix("w", DType.BF16, List.of(part)).deviceBytes());
      assertEquals(64 * 100 * 4, backend.matrix("w", DType.F32, List.of(part)).deviceBytes());
    }
  }

  @Test
  void randomWeightsOnSharedPagesCostNone() {
    try (CpuBackend backend = CpuBackend.create(1)) {
      WeightPart part = new WeightPart.Random(100_000, 64, 1, 0.5f, true);
      assertEquals(0, backend.matrix("w", DType.F16, List.of(part)).deviceBytes());
    }
  }

  @Test
  void anUnknownTokenIdIsNamed() {
    for (CpuBackend one : List.of(CpuBackend.scalar(1), CpuBackend.create(1))) {
      try (CpuBackend backend = one) {
        Weight table = backend.matrix("w", DType.F32, List.of(new WeightPart.Constant(4, 3, 0)));
        Batch batch = backend.batch(new BatchLimits(1, 1, 1, 0));
        batch.tokens = 1;
        batch.tokenIds[0] = 4;
        Tensor x = backend.activation("x", 1, 3);
        assertThrows(
            IndexOutOfBoundsException.class, () -> backend.ops().embed(x, table, 1, batch));
      }
    }
  }

  @Test
  void whatIsClosedIsRefused() {
    CpuBackend backend = CpuBackend.create(1);
    Weight weight = backend.matrix("w", DType.BF16, List.of(new WeightPart.Constant(32, 8, 1)));
    Tensor x = backend.activation("x", 1, 8);
    Tensor y = backend.activation("y", 1, 32);
    backend.close();
    backend.close();
    assertThrows(
        IllegalStateException.class, () -> backend.ops().linear(y, x, new Linear(weight, null)));
  }

  @Test
  void measuresLimits() {
    MachineLimits limits = MachineLimits.measure(1);
    assertTrue(limits.bandwidthBytesPerSecond() > 1e7, limits.toString());
    assertTrue(limits.fmaFlopsPerSecond() > 1e7, limits.toString());
  }
}
