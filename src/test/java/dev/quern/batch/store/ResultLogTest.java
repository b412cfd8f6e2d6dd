package dev.quern.batch.store;

import static dev.quern.batch.store.LogRun.MANIFEST;
import static dev.quern.batch.store.LogRun.OUTPUT;
import static dev.quern.batch.store.LogRun.hash;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an output is taken for when it is opened again. */
class ResultLogTest {
  private final SimDisk disk = new SimDisk(1);

  /** A copied input: its time differs, and perhaps a line that no sample sees. */
  private static final Manifest COPIED = LogRun.manifest("fake", "2");

  @Test
  void linesOfAChangedInputAreComparedInEachAttempt() throws IOException {
    try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
      log.bind(MANIFEST, false);
      for (long line = 1; line <= 3; line++) LogRun.write(log, line);
      log.settle(new Frontier(4, 40), true);
    }
    for (int attempt = 0; attempt < 3; attempt++)
      try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
        log.bind(COPIED, false);
        assertEquals(Frontier.START, log.frontier(), "attempt " + attempt);
        assertEquals(Output.Fate.CHANGED, log.fate(2, hash(7)));
      }
    // As far as an attempt has compared them, the next need not.
    try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
      log.bind(COPIED, false);
      log.settle(new Frontier(3, 30), true);
    }
    try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
      log.bind(COPIED, false);
      assertEquals(new Frontier(3, 30), log.frontier());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/jobs/out.jsonl", "/jobs/out.jsonl.gz"})
  void aCompleteOutputIsComparedUntilThatIsDone(String name) throws IOException {
    Path output = Path.of(name);
    complete(output);
    for (int attempt = 0; attempt < 2; attempt++)
      try (ResultLog log = LogRun.open(disk, output, Shard.WHOLE)) {
        log.bind(COPIED, false);
        assertFalse(log.isComplete(), "attempt " + attempt);
        assertEquals(Output.Fate.CHANGED, log.fate(2, hash(7)));
      }
    try (ResultLog log = LogRun.open(disk, output, Shard.WHOLE)) {
      log.bind(COPIED, false);
      for (long line = 1; line <= 3; line++)
        assertEquals(Output.Fate.KEEP, log.fate(line, hash(line)));
      log.finish();
    }
    try (ResultLog log = LogRun.open(disk, output, Shard.WHOLE)) {
      log.bind(COPIED, false);
      assertTrue(log.isComplete());
    }
  }

  private void complete(Path output) throws IOException {
    try (ResultLog log = LogRun.open(disk, output, Shard.WHOLE)) {
      log.bind(MANIFEST, false);
      for (long line = 1; line <= 3; line++) LogRun.write(log, line);
      log.finish();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/jobs/out.jsonl", "/jobs/out.jsonl.gz"})
  void aStreamMayBringMoreLinesThanItsCompleteOutputHas(String name) throws IOException {
    Path output = Path.of(name);
    Manifest stream = new Manifest(1000, Map.of("model", "fake"), Map.of());
    for (long lines : new long[] {3, 3, 5}) {
      try (ResultLog log = LogRun.open(disk, output, Shard.WHOLE)) {
        log.bind(stream, false);
        for (long line = 1; line <= lines; line++)
          if (log.numberOf(line, hash(line)) != 0) LogRun.write(log, line);
        log.finish();
        assertEquals(lines, log.counts().lines());
      }
      Map<Long, Integer> seen = LogRun.records(LogRun.bytes(disk, output));
      assertEquals(lines, seen.size());
      for (int count : seen.values()) assertEquals(1, count);
    }
  }

  @Test
  void whatAnotherProcessFinishedBeforeTheLockIsKept() throws IOException {
    disk.beforeLock(
        () -> {
          try {
            complete(OUTPUT);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
      log.bind(MANIFEST, false);
      assertTrue(log.isComplete());
    }
    assertEquals(3, LogRun.records(LogRun.bytes(disk, OUTPUT)).size());
  }

  @Test
  void resultsWhoseManifestWentAwayAreNotThrownAway() throws IOException {
    LogRun.answer(disk, Shard.WHOLE, 1, 3);
    JobFiles files = new JobFiles(OUTPUT);
    disk.delete(files.manifest());
    MismatchException refused =
        assertThrows(MismatchException.class, () -> LogRun.open(disk, OUTPUT, Shard.WHOLE));
    assertTrue(refused.getMessage().contains("results.jsonl exists and holds"));
    assertEquals(3, LogRun.records(LogRun.bytes(disk, files.log())).size());
  }

  @Test
  void entriesThatNoHeadVouchesForAreNotBelieved() throws IOException {
    LogRun.answer(disk, Shard.WHOLE, 1, 0);
    JobFiles files = new JobFiles(OUTPUT);
    try (OutputStream empty = disk.create(files.index())) {
      empty.flush();
    }
    try (LineIndex index = LineIndex.open(disk.open(files.index()))) {
      index.put(2, LineState.of(hash(2), false));
    }
    try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
      log.bind(MANIFEST, false);
      assertEquals(Output.Fate.RUN, log.fate(2, hash(2)));
    }
  }

  @Test
  void anIndexThatDoesNotMatchIsMadeAnew() throws IOException {
    LogRun.answer(disk, Shard.WHOLE, 1, 3);
    JobFiles files = new JobFiles(OUTPUT);
    // Another job's log of the same size in its place.
    byte[] other = LogRun.bytes(disk, files.log());
    byte[] second = EveryChangeTest.record(new ResultId(8, hash(8)), false);
    try (DiskFile log = disk.open(files.log())) {
      log.truncate(0);
      log.write(ByteBuffer.wrap(second), 0);
      log.write(ByteBuffer.wrap(new byte[other.length]), second.length);
    }
    try (ResultLog log = LogRun.open(disk, OUTPUT, Shard.WHOLE)) {
      log.bind(MANIFEST, false);
      assertEquals(Output.Fate.RUN, log.fate(2, hash(2)));
      assertEquals(Output.Fate.KEEP, log.fate(8, hash(8)));
      assertEquals(new Output.Counts(1, 0), log.counts());
    }
  }
}
