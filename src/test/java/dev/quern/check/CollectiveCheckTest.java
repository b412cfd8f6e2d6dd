package dev.quern.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.backend.DType;
import dev.quern.cuda.Nccl;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the check of the collectives does without GPUs. */
class CollectiveCheckTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void oneGpuIsNoFailure() {
    run(1);
    assertEquals(
        "all-reduce and all-gather are not checked: there is 1 GPU%n".formatted(), out.toString());
  }

  @Test
  void aMissingLibraryIsNoFailure() {
    try {
      Nccl.version();
      assumeTrue(false, "the loader finds NCCL");
    } catch (LinkageError missing) {
      run(2);
      run(2);
      List<String> lines = out.toString().lines().toList();
      assertEquals(2, lines.size());
      for (String line : lines) {
        assertTrue(
            line.startsWith("all-reduce and all-gather are not checked: NCCL is not there:")
                && line.contains("libnccl.so.2"),
            line);
      }
    }
  }

  private void run(int gpus) {
    CollectiveCheck.run(
        gpus,
        List.of(DType.values()),
        new PrintStream(out),
        row -> {
          throw new AssertionError("a comparison: " + row);
        });
  }

  @Test
  void whatIsExpected() {
    List<float[]> inputs =
        List.of(new float[] {1, 2}, new float[] {10, 20}, new float[] {100, 200});
    assertArrayEquals(new float[] {111, 222}, CollectiveCheck.sum(inputs));
    assertArrayEquals(new float[] {1, 2, 10, 20, 100, 200}, CollectiveCheck.concatenation(inputs));
  }

  @Test
  void everyBitCountsAsADifference() {
    float[] first = {0f, 1f, Float.NaN};
    assertEquals(0, CollectiveCheck.differing(first, List.of(first.clone())));
    assertEquals(
        3,
        CollectiveCheck.differing(
            first,
            List.of(new float[] {-0f, 1f, Float.NaN}, new float[] {0f, Math.nextUp(1f), 1f})));
  }

  @ParameterizedTest
  @EnumSource
  void valuesComeBackAsTheyWere(DType dtype) {
    float[] values = new Values(5, dtype).uniform(1_001, 3);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = CollectiveGpu.encode(arena, dtype, values);
      assertEquals(1_001L * dtype.bytes(), stored.byteSize());
      assertArrayEquals(values, CollectiveGpu.decode(stored, dtype, values.length));
      assertTrue(
          Float.isNaN(CollectiveGpu.decode(stored.fill((byte) 0xff), dtype, 1)[0]), "poison");
    }
  }
}
