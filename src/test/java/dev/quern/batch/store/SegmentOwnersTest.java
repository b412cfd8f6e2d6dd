package dev.quern.batch.store;

import static dev.quern.batch.store.LogRun.MANIFEST;
import static dev.quern.batch.store.LogRun.hash;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose pieces are in a folder: of nodes that were thought lost, of other shards, of strangers. */
class SegmentOwnersTest {
  private static final Path FOLDER = LeaseTest.FILE.getParent();
  private static final int LINES = 6;

  @TempDir Path local;
  private final SimDisk objects = new SimDisk(1);
  private int scratch;

  private SegmentFolder open(Shard shard, boolean overwrite) throws IOException {
    OutputOptions options = new OutputOptions(shard, overwrite, false, "me");
    Path file = Files.createFile(local.resolve("scratch" + scratch++));
    return SegmentFolder.open(new ObjectDisk(objects), FOLDER, options, file, 600_000);
  }

  private static void answer(SegmentFolder folder, Shard shard) throws IOException {
    for (long line = 1; line <= LINES; line++)
      if (shard.has(line) && folder.fate(line, hash(line)) == Output.Fate.RUN)
        LogRun.write(folder, line);
  }

  private void run(Shard shard, boolean overwrite) throws IOException {
    try (SegmentFolder folder = open(shard, overwrite)) {
      folder.bind(MANIFEST, false);
      answer(folder, shard);
      folder.finish();
    }
  }

  /** Lines that another attempt puts elsewhere keep to the numbers of their shard. */
  @Test
  void aShardOfAStreamFindsItsLinesAgain() throws IOException {
    Shard first = new Shard(0, 2);
    Manifest stream = new Manifest(1000, Map.of("model", "fake"), Map.of());
    long[][] orders = {{10, 20}, {30, 20, 10}, {10, 20, 30}};
    int[] ran = {2, 1, 0};
    for (int attempt = 0; attempt < orders.length; attempt++)
      try (SegmentFolder folder = open(first, false)) {
        folder.bind(stream, false);
        int run = 0;
        for (int i = 0; i < orders[attempt].length; i++) {
          long hash = hash(orders[attempt][i]);
          long number = folder.numberOf(2 * i + 1, hash);
          if (number == 0) continue;
          assertTrue(first.has(number), "line " + number);
          ResultId id = new ResultId(number, hash);
          folder.write(id, false, EveryChangeTest.record(id, false));
          run++;
        }
        folder.settle(Frontier.START, true);
        assertEquals(ran[attempt], run, "attempt " + attempt);
      }
  }

  private void requireEveryLineOnce() throws IOException {
    Map<Long, Integer> seen = new TreeMap<>();
    for (Path piece : SegmentFolder.segments(objects, FOLDER))
      LogRun.records(LogRun.bytes(objects, piece))
          .forEach((k, v) -> seen.merge(k, v, Integer::sum));
    assertEquals("{1=1, 2=1, 3=1, 4=1, 5=1, 6=1}", seen.toString());
  }

  @Test
  void aNodeThatWasThoughtLostAddsNothing() throws IOException {
    SegmentFolder lost = open(Shard.WHOLE, false);
    lost.bind(MANIFEST, false);
    answer(lost, Shard.WHOLE);
    LeaseTest.expire(objects);
    run(Shard.WHOLE, false);
    IOException late = assertThrows(IOException.class, () -> lost.settle(Frontier.START, true));
    assertEquals("the output's lease was lost to another who is gone again", late.getMessage());
    lost.close();
    requireEveryLineOnce();
  }

  @Test
  void whatItFinishedBeforeItNoticedIsLeftOut() throws IOException {
    SegmentWriter lost =
        new SegmentWriter(new ObjectDisk(objects), new FolderFiles(FOLDER, Shard.WHOLE));
    try (SegmentFolder folder = open(Shard.WHOLE, false)) {
      folder.bind(MANIFEST, false);
      answer(folder, Shard.WHOLE);
      for (long line = 3; line <= 4; line++)
        lost.write(EveryChangeTest.record(new ResultId(line, hash(line)), false));
      lost.publish();
      folder.finish();
    }
    requireEveryLineOnce();
  }

  @Test
  void overwritingAShardLeavesTheOthersPieces() throws IOException {
    run(new Shard(0, 2), false);
    run(new Shard(1, 2), false);
    run(new Shard(0, 2), true);
    requireEveryLineOnce();
    assertTrue(objects.size(FOLDER.resolve("_SUCCESS-00001-of-00002")) >= 0);
    // Of another count all is written anew.
    run(Shard.WHOLE, true);
    requireEveryLineOnce();
    assertEquals(-1, objects.size(FOLDER.resolve("_SUCCESS-00001-of-00002")));
  }

  @Test
  void aShardThatEndsLeavesTheOthersOpenPieces() throws IOException {
    Shard first = new Shard(0, 2);
    try (SegmentFolder folder = open(first, false)) {
      folder.bind(MANIFEST, false);
      answer(folder, first);
      run(new Shard(1, 2), false);
      folder.finish();
    }
    requireEveryLineOnce();
  }

  @Test
  void aStrangersPartsAreNeitherReadNorWritten() throws IOException {
    Path stranger = FOLDER.resolve("part-00000.jsonl");
    byte[] prompts = "{\"prompt\":\"mine\"}\n".getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = objects.create(stranger)) {
      out.write(prompts);
    }
    assertThrows(MismatchException.class, () -> open(Shard.WHOLE, false));
    assertFalse(Files.exists(local.resolve("scratch0")), "a refusal leaves nothing");
    run(Shard.WHOLE, true);
    requireEveryLineOnce();
    assertEquals(prompts.length, objects.size(stranger));
  }

  @Test
  void linesOfAChangedInputAreComparedInEachAttempt() throws IOException {
    run(Shard.WHOLE, false);
    Manifest copied = LogRun.manifest("fake", "2");
    for (int attempt = 0; attempt < 2; attempt++)
      try (SegmentFolder folder = open(Shard.WHOLE, false)) {
        folder.bind(copied, false);
        assertFalse(folder.isComplete(), "attempt " + attempt);
        assertEquals(Output.Fate.CHANGED, folder.fate(2, hash(7)));
      }
    try (SegmentFolder folder = open(Shard.WHOLE, false)) {
      folder.bind(copied, false);
      folder.finish();
    }
    try (SegmentFolder folder = open(Shard.WHOLE, false)) {
      folder.bind(copied, false);
      assertTrue(folder.isComplete());
    }
  }

  @Test
  void aStreamMayBringMoreLinesThanItsCompleteOutputHas() throws IOException {
    Manifest stream = new Manifest(1000, Map.of("model", "fake"), Map.of());
    for (long lines : new long[] {3, 3, LINES})
      try (SegmentFolder folder = open(Shard.WHOLE, false)) {
        folder.bind(stream, false);
        for (long line = 1; line <= lines; line++)
          if (folder.numberOf(line, hash(line)) != 0) LogRun.write(folder, line);
        folder.finish();
        String told =
            new String(LogRun.bytes(objects, FOLDER.resolve("_SUCCESS")), StandardCharsets.UTF_8);
        assertEquals(lines + " lines, 0 failed\n", told);
      }
    requireEveryLineOnce();
  }
}
