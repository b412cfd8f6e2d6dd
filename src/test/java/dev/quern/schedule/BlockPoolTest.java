package dev.quern.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class BlockPoolTest {
  private final BlockPool pool = new BlockPool(8, 4);

  @Test
  void unhashedGoFirstLowestFirstThenTheLongestUnused() {
    for (int i = 0; i < 4; i++) assertEquals(i, pool.take());
    pool.enter(1, 100, 0);
    pool.enter(2, 200, 0);
    pool.release(2);
    pool.release(1);
    pool.release(3);
    pool.release(0);
    assertEquals(0, pool.take());
    assertEquals(3, pool.take());
    assertEquals(2, pool.take(), "released before 1");
    assertEquals(-1, pool.find(200, 0), "forgotten when taken");
    assertEquals(1, pool.find(100, 0));
  }

  @Test
  void aHitComesBackToLifeAndGoesToTheEndOfTheQueue() {
    for (int i = 0; i < 4; i++) pool.enter(pool.take(), i, 0);
    for (int i = 0; i < 4; i++) pool.release(i);
    pool.share(0);
    assertEquals(3, pool.free());
    pool.release(0);
    assertEquals(1, pool.take());
    assertEquals(2, pool.take());
    assertEquals(3, pool.take());
    assertEquals(0, pool.take());
    assertThrows(IllegalStateException.class, pool::take);
  }

  @Test
  void shrinkingForgetsCachedBlocksAndWaitsForOwnedOnes() {
    for (int i = 0; i < 4; i++) pool.enter(pool.take(), i, 0);
    pool.release(3);
    pool.resize(1);
    assertEquals(-1, pool.find(3, 0));
    assertEquals(3, pool.backedBlocks(), "block 2 is owned");
    assertEquals(-1, pool.find(2, 0), "no new owner for what is about to leave");
    pool.release(1);
    assertEquals(3, pool.backedBlocks());
    pool.release(2);
    assertEquals(1, pool.backedBlocks());
    assertEquals(0, pool.free());
    pool.resize(8);
    assertEquals(7, pool.free());
    assertEquals(1, pool.take());
  }

  @Test
  void misuseIsRefused() {
    assertThrows(IllegalStateException.class, () -> pool.release(0));
    assertThrows(IllegalStateException.class, () -> pool.enter(0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> pool.resize(9));
  }
}
