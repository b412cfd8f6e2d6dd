package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.DType;
import dev.quern.backend.KvLayout;
import org.junit.jupiter.api.Test;

final class KvPlanTest {
  /** 2 · 2 layers · 4 heads · 8 · 16 tokens · 4 bytes = 8 KiB a block. */
  private static final KvLayout LAYOUT = new KvLayout(2, 4, 8, 16, DType.F32);

  @Test
  void asManyBlocksAsFit() {
    assertEquals(new KvPlan(12, 100, 12 * 8192), KvPlan.fit(LAYOUT, 13 * 8192 - 1, 100, 8));
  }

  @Test
  void noMoreThanAllSequencesCanUse() {
    assertEquals(new KvPlan(14, 100, 14 * 8192), KvPlan.fit(LAYOUT, 1 << 30, 100, 2));
  }

  @Test
  void oneSequenceMustFit() {
    assertEquals(7, KvPlan.fit(LAYOUT, 7 * 8192, 100, 8).blocks());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> KvPlan.fit(LAYOUT, 7 * 8192 - 1, 131072, 8));
    for (String part :
        new String[] {"131072", "64.00 MiB", "0.05 MiB", "is 96 tokens", "--max-model-len"})
      assertTrue(e.getMessage().contains(part), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> KvPlan.fit(LAYOUT, -5, 1, 1));
  }

  @Test
  void autoTakesTheLongestThatFits() {
    assertEquals(new KvPlan(6, 96, 6 * 8192), KvPlan.fitLongest(LAYOUT, 7 * 8192 - 1, 4096, 8));
    assertEquals(50, KvPlan.fitLongest(LAYOUT, 7 * 8192, 50, 8).maxModelLen());
    assertThrows(IllegalArgumentException.class, () -> KvPlan.fitLongest(LAYOUT, 8191, 4096, 8));
  }
}
