package dev.quern.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.batch.store.SimDisk.Killed;
import dev.quern.batch.store.SimDisk.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A folder of pieces on an object store that fails at each of its changes in turn. */
class SegmentFolderTest {
  private static final Path FOLDER = Path.of("/bucket/out");
  private static final int LINES = 12;
  private static final long LEASE_MILLIS = 5;
  private static final Manifest MANIFEST =
      new Manifest(1000, Map.of("model", "fake"), Map.of("bytes", "7"));

  @TempDir Path local;
  private final Random random = new Random(5);
  private int scratch;

  private SegmentFolder open(Disk disk, Shard shard, boolean retry, long leaseMillis)
      throws IOException {
    return SegmentFolder.open(
        disk,
        FOLDER,
        new OutputOptions(shard, false, retry, "process 7"),
        local.resolve("scratch" + scratch++),
        leaseMillis);
  }

  /** One process; true when it says that all is done. */
  private boolean attempt(SimDisk objects, Shard shard, boolean retry, boolean failing) {
    try (SegmentFolder folder = open(new ObjectDisk(objects), shard, retry, LEASE_MILLIS)) {
      folder.bind(MANIFEST, false);
      if (folder.isComplete()) return true;
      for (long line = 1; line <= LINES; line++) {
        if (!shard.has(line) || folder.fate(line, hash(line)) != Output.Fate.RUN) continue;
        ResultId id = new ResultId(line, hash(line));
        folder.write(
            id, failing && line % 4 == 0, EveryChangeTest.record(id, failing && line % 4 == 0));
        folder.settle(Frontier.START, random.nextInt(3) == 0);
      }
      folder.finish();
      return true;
    } catch (IOException | Killed e) {
      if (!objects.failed()) throw new AssertionError("on a disk that works", e);
      return false;
    }
  }

  private static long hash(long line) {
    return LineHash.ofLength(line);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void everyLineOnceWhateverChangeFails(Trouble trouble) throws IOException {
    SimDisk calm = new SimDisk(1);
    assertTrue(attempt(calm, Shard.WHOLE, false, false));
    assertTrue(calm.changes() > 40, calm.changes() + " changes");
    for (boolean retry : new boolean[] {false, true})
      for (int at = 1; at <= calm.changes(); at++) {
        SimDisk objects = new SimDisk(at);
        if (retry) assertTrue(attempt(objects, Shard.WHOLE, false, true));
        objects.failAt(at, trouble);
        boolean done = attempt(objects, Shard.WHOLE, retry, false);
        for (int more = 0; !done; more++) {
          objects.restart();
          if (more < 4) objects.failAt(1 + random.nextInt(30), Trouble.values()[more % 4]);
          done = attempt(objects, Shard.WHOLE, retry, false);
        }
        objects.restart();
        String where = trouble + " at change " + at + ", retry " + retry;
        Map<Long, Integer> seen = records(objects, where, retry);
        assertEquals(LINES, seen.size(), where + seen);
        for (int count : seen.values()) assertEquals(1, count, where + seen);
        assertTrue(objects.size(FOLDER.resolve("_SUCCESS")) >= 0, where);
        for (Path file : objects.list(FOLDER))
          assertFalse(file.toString().endsWith(".open"), where + ": " + file);
      }
  }

  private static Map<Long, Integer> records(SimDisk objects, String where, boolean noFailures)
      throws IOException {
    Map<Long, Integer> seen = new TreeMap<>();
    for (Path file : SegmentFolder.segments(objects, FOLDER)) {
      RecordScanner scanner = new RecordScanner(objects.read(file, 0), 0);
      for (RecordScanner.Found found; (found = scanner.next()) != null; ) {
        seen.merge(found.id().number(), 1, Integer::sum);
        assertTrue(!noFailures || !found.failed(), where);
      }
      assertEquals(objects.size(file), scanner.wholeBytes(), where + ": a torn piece");
    }
    return seen;
  }

  @Test
  void shardsOfAnotherCountTakeWhatIsThere() throws IOException {
    SimDisk objects = new SimDisk(1);
    assertTrue(attempt(objects, new Shard(1, 3), false, false));
    assertTrue(attempt(objects, new Shard(0, 2), false, false));
    assertTrue(attempt(objects, new Shard(1, 2), false, false));
    Map<Long, Integer> seen = records(objects, "", true);
    assertEquals(LINES, seen.size());
    for (int count : seen.values()) assertEquals(1, count, seen.toString());
  }

  @Test
  void aLivingHolderIsNamedAndADeadOneForgotten() throws IOException {
    ObjectDisk disk = new ObjectDisk(new SimDisk(1));
    try (SegmentFolder first = open(disk, Shard.WHOLE, false, 600)) {
      assertEquals(0, first.counts().lines());
      HeldException held =
          assertThrows(HeldException.class, () -> open(disk, Shard.WHOLE, false, 600));
      assertEquals("output /bucket/out is being written by process 7", held.getMessage());
    }
    disk.objects().failAt(1000, Trouble.KILL);
    SegmentFolder killed = open(disk, Shard.WHOLE, false, 300);
    disk.objects().failAt(1, Trouble.KILL);
    assertThrows(Killed.class, () -> disk.objects().create(FOLDER.resolve("x")));
    assertThrows(Killed.class, killed::close);
    disk.objects().restart();
    open(disk, Shard.WHOLE, false, 300).close();
  }
}
