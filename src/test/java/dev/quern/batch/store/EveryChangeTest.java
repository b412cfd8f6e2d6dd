package dev.quern.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.batch.store.SimDisk.Killed;
import dev.quern.batch.store.SimDisk.Trouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A small job on a disk that fails at each of its changes in turn, and then at some change of the
 * attempt that follows, and so on: in the end every line has exactly one result, those that were
 * synced were never run again, and the final name shows a complete file only.
 */
class EveryChangeTest {
  private static final Path OUTPUT = Path.of("/jobs/out.jsonl");
  private static final Path ZIPPED = Path.of("/jobs/out.jsonl.gz");
  private static final int LINES = 9;
  private static final int SEEDS = 4;
  private static final Manifest MANIFEST =
      new Manifest(1000, Map.of("model", "fake"), Map.of("bytes", "7"));

  /** What a job's attempts did: how often each line ran, which results were synced. */
  private static final class Attempts {
    final SimDisk disk;
    final Path output;
    final boolean retryFailed;
    final Random random;
    final Map<Long, Integer> runs = new TreeMap<>();
    final StringBuilder story = new StringBuilder();
    final List<Long> settled = new ArrayList<>();

    Attempts(long seed, Path output, boolean retryFailed) {
      disk = new SimDisk(seed);
      random = new Random(seed);
      this.output = output;
      this.retryFailed = retryFailed;
    }

    /** One process; true when it says that all is done. */
    boolean attempt() {
      OutputOptions options = new OutputOptions(Shard.WHOLE, false, retryFailed, "me");
      try (ResultLog log = ResultLog.open(disk, output, options)) {
        log.bind(MANIFEST, false);
        if (log.isComplete()) return true;
        run(log);
        log.finish();
        return true;
      } catch (IOException | Killed e) {
        story
            .append(e)
            .append(" at ")
            .append(e.getStackTrace().length > 3 ? List.of(e.getStackTrace()).subList(0, 6) : "")
            .append("\n");
        if (!disk.failed()) throw new AssertionError("on a disk that works", e);
        return false;
      }
    }

    private void run(ResultLog log) throws IOException {
      Frontier start = log.frontier();
      List<Long> toRun = new ArrayList<>();
      for (long line = start.line(); line <= LINES; line++) {
        if (log.fate(line, hash(line)) == Output.Fate.RUN) toRun.add(line);
        else assertTrue(runs.getOrDefault(line, 0) > 0, "line " + line + " was never run");
      }
      Collections.shuffle(toRun, random);
      List<Long> written = new ArrayList<>();
      List<Long> left = new ArrayList<>(toRun);
      for (long line : toRun) {
        assertTrue(
            !settled.contains(line), "line " + line + " was synced and runs again: " + story);
        int run = runs.merge(line, 1, Integer::sum);
        // Lines divisible by four fail at first.
        boolean failed = line % 4 == 0 && run == 1;
        ResultId id = new ResultId(line, hash(line));
        log.write(id, failed, record(id, failed));
        left.remove(line);
        if (!failed || !retryFailed) written.add(line);
        long first = left.isEmpty() ? LINES + 1 : Collections.min(left);
        boolean now = random.nextInt(3) == 0;
        log.settle(new Frontier(first, first * 10), now);
        if (now) settled.addAll(written);
      }
    }

    byte[] finalBytes() throws IOException {
      try (var in = Packing.of(output).unpack(disk.read(output, 0))) {
        return in.readAllBytes();
      }
    }
  }

  private static long hash(long line) {
    return LineHash.of(("line " + line).getBytes(StandardCharsets.UTF_8));
  }

  static byte[] record(ResultId id, boolean failed) {
    String error = failed ? "{\"message\":\"no\",\"code\":400}" : "null";
    return ("{\"id\":\"%s\",\"custom_id\":\"é%d\",\"response\":{\"body\":\"%s\"},\"error\":%s}\n")
        .formatted(id.text("0123abcd"), id.number(), "x".repeat((int) id.number() * 20), error)
        .getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(Trouble.class)
  void everyLineOnceWhateverChangeFails(Trouble trouble) throws IOException {
    for (Path output : List.of(OUTPUT, ZIPPED))
      for (boolean retry : new boolean[] {false, true}) {
        Attempts calm = new Attempts(1, output, retry);
        assertTrue(calm.attempt());
        long changes = calm.disk.changes();
        assertTrue(changes > 20, changes + " changes");
        for (long at = 1; at <= changes; at++)
          for (int seed = 0; seed < SEEDS; seed++) survive(trouble, at, seed, output, retry);
      }
  }

  private static void survive(Trouble trouble, long at, int seed, Path output, boolean retry)
      throws IOException {
    Attempts job = new Attempts(seed * 1000 + at, output, retry);
    job.disk.failAt(at, trouble);
    boolean done = job.attempt();
    for (int more = 0; !done; more++) {
      assertTrue(more < 200, "no end");
      job.disk.restart();
      // The next attempts fail too, later and later.
      if (more < 5) job.disk.failAt(1 + job.random.nextInt(40), Trouble.values()[more % 4]);
      done = job.attempt();
    }
    job.disk.restart();
    String where = "%s at change %d, seed %d, retry %s".formatted(trouble, at, seed, retry);
    check(job, where);
    if (retry) {
      // What failed runs once more and takes its place.
      assertTrue(job.attempt(), where);
      check(job, where);
      assertTrue(
          !new String(job.finalBytes(), StandardCharsets.UTF_8).contains("\"code\":400"), where);
    }
    assertTrue(job.attempt(), where + ": a complete output stays so");
  }

  private static void check(Attempts job, String where) throws IOException {
    Map<Long, Integer> seen = new TreeMap<>();
    RecordScanner scanner =
        new RecordScanner(new java.io.ByteArrayInputStream(job.finalBytes()), 0);
    for (RecordScanner.Found found; (found = scanner.next()) != null; ) {
      assertTrue(found.id() != null, where + ": garbage at " + found.offset());
      assertEquals(hash(found.id().number()), found.id().hash(), where);
      seen.merge(found.id().number(), 1, Integer::sum);
    }
    assertEquals(job.finalBytes().length, scanner.wholeBytes(), where + ": a torn line");
    assertEquals(LINES, seen.size(), where + ": " + seen);
    for (int count : seen.values()) assertEquals(1, count, where + ": " + seen);
    assertTrue(
        job.disk.size(new JobFiles(job.output).log()) < 0, where + ": the log is still there");
  }

  @Test
  void aSecondProcessIsToldWhoHoldsIt() throws IOException {
    SimDisk disk = new SimDisk(1);
    OutputOptions options = new OutputOptions(Shard.WHOLE, false, false, "me");
    try (ResultLog log = ResultLog.open(disk, OUTPUT, options)) {
      assertTrue(log.counts().lines() == 0);
      HeldException held =
          org.junit.jupiter.api.Assertions.assertThrows(
              HeldException.class, () -> ResultLog.open(disk, OUTPUT, options));
      assertEquals("output /jobs/out.jsonl is being written by another", held.getMessage());
    }
  }
}
