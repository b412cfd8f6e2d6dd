package dev.quern.batch.store;

import static dev.quern.batch.store.LogRun.MANIFEST;
import static dev.quern.batch.store.LogRun.OUTPUT;
import static dev.quern.batch.store.LogRun.hash;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.batch.store.SimDisk.Killed;
import dev.quern.batch.store.SimDisk.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Shards whose number was changed between attempts. */
class SiblingsTest {
  private static final int LINES = 12;
  private static final Shard FIRST_OF_THREE = new Shard(0, 3);
  private static final Shard FIRST = new Shard(0, 2);
  private static final Shard SECOND = new Shard(1, 2);

  private final SimDisk disk = new SimDisk(1);

  private static JobFiles files(Shard shard) {
    return new JobFiles(shard.name(OUTPUT));
  }

  @Test
  void linesOfOtherCountsAndOfNoneAreTakenAndJoined() throws IOException {
    LogRun.answer(disk, Shard.WHOLE, 1, 5);
    LogRun.answer(disk, FIRST_OF_THREE, 1, LINES);
    LogRun.answer(disk, FIRST, 1, LINES);
    LogRun.answer(disk, SECOND, 1, LINES);
    try (RecordTable table = new RecordTable(disk, Path.of("/jobs/table"))) {
      for (Path file : Shard.results(disk, OUTPUT)) table.add(file);
      for (long line = 1; line <= LINES; line++)
        assertTrue(table.isOf(line, hash(line)), "line " + line);
      assertEquals(0, table.doubled());
    }
  }

  @Test
  void anOutputThatWasBegunAnewIsNotMadeAnEmptyOne() throws IOException {
    LogRun.answer(disk, FIRST_OF_THREE, 1, LINES);
    JobFiles begun = files(FIRST_OF_THREE);
    disk.delete(begun.log());
    LogRun.answer(disk, FIRST, 1, LINES);
    assertEquals(-1, disk.size(begun.output()), "it would be taken for complete");
    assertEquals(LINES / 2, LogRun.records(LogRun.bytes(disk, files(FIRST).log())).size());
  }

  @Test
  void anIndexThatDoesNotMatchItsLogIsNotBelieved() throws IOException {
    LogRun.answer(disk, FIRST_OF_THREE, 1, LINES);
    JobFiles begun = files(FIRST_OF_THREE);
    try (DiskFile log = disk.open(begun.log())) {
      log.truncate(EveryChangeTest.record(new ResultId(1, hash(1)), false).length);
    }
    try (ResultLog log = LogRun.open(disk, OUTPUT, FIRST)) {
      log.bind(MANIFEST, false);
      assertEquals(Output.Fate.KEEP, log.fate(1, hash(1)));
      assertEquals(Output.Fate.RUN, log.fate(7, hash(7)));
    }
  }

  @Test
  void resultsOfAnotherModelAreNotTaken() throws IOException {
    LogRun.answer(disk, FIRST_OF_THREE, 1, LINES);
    Manifest other = LogRun.manifest("other", "1");
    try (ResultLog log = LogRun.open(disk, OUTPUT, FIRST)) {
      MismatchException refused =
          assertThrows(MismatchException.class, () -> log.bind(other, false));
      assertTrue(
          refused.getMessage().contains("out-00000-of-00003.jsonl was made otherwise"),
          refused.getMessage());
      log.bind(other, true);
      assertEquals(Output.Fate.KEEP, log.fate(7, hash(7)), "--force keeps them");
    }
    OutputOptions anew = new OutputOptions(FIRST, true, false, "me");
    try (ResultLog log = ResultLog.open(disk, OUTPUT, anew)) {
      log.bind(other, false);
      assertEquals(Output.Fate.RUN, log.fate(7, hash(7)), "--overwrite starts anew");
    }
  }

  @Test
  void aPowerCutTakesNoLineThatWasPassedOver() throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      SimDisk disk = new SimDisk(seed);
      ResultLog killed = LogRun.open(disk, OUTPUT, FIRST_OF_THREE);
      killed.bind(MANIFEST, false);
      for (long line = 1; line <= LINES; line += 3) LogRun.write(killed, line);
      disk.failAt(1, Trouble.KILL);
      assertThrows(Killed.class, () -> killed.settle(Frontier.START, true));
      disk.restart();
      LogRun.answer(disk, FIRST, 1, LINES);
      disk.failAt(1, Trouble.POWER);
      assertThrows(Killed.class, () -> disk.create(Path.of("/jobs/x")));
      disk.restart();
      List<Path> results = Shard.results(disk, OUTPUT);
      try (RecordTable table = new RecordTable(disk, Path.of("/jobs/table"))) {
        for (Path file : results) table.add(file);
        for (long line = 1; line <= LINES; line += 2)
          assertTrue(table.has(line), "line " + line + ", seed " + seed);
      }
    }
  }
}
