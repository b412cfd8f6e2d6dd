package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are told to stop keep what is finished and go on later. */
@Timeout(60)
class StopTest {
  private static final int LINES = 4000;

  @TempDir Path folder;

  private Path input() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++)
      text.append("{\"custom_id\":\"c").append(i).append("\",\"prompt\":\"wait 5\"}\n");
    return Files.writeString(folder.resolve("in.jsonl"), text);
  }

  private int run(Path input, Path output, Duration deadline) throws Exception {
    BatchOptions options = BatchOptions.DEFAULT.deadline(deadline);
    try (FakeAnswerer model = new FakeAnswerer(1000);
        BatchJob job = BatchJob.open(input.toString(), output.toString(), options)) {
      return BatchRun.run(job, model);
    }
  }

  @Test
  void aSignalEndsAJobCleanly() throws Exception {
    Path input = input();
    Path output = folder.resolve("out.jsonl");
    Process job = KillTest.start(input, output.toString(), "0/1");
    assertEquals("running", job.inputReader().readLine());
    Path log = folder.resolve("out.jsonl.job/results.jsonl");
    while (Files.notExists(log) || Files.size(log) == 0) Thread.sleep(5);
    job.destroy();
    assertEquals(ExitCode.STOPPED, job.waitFor());
    String left = Files.readString(log);
    assertTrue(left.endsWith("}\n"), "whole lines only");
    int kept = left.split("\n").length;
    assertTrue(kept < LINES, "it was stopped before its end");
    assertFalse(Files.exists(output));
    assertEquals(ExitCode.DONE, run(input, output, null));
    String all = Files.readString(output);
    assertTrue(all.startsWith(left), "what was there stays as it was");
    requireEveryLineOnce(Files.readAllLines(output));
  }

  @Test
  void aDeadlineEndsAJobAndTheNextGoesOn() throws Exception {
    Path input = input();
    Path output = folder.resolve("pieces/");
    Files.createDirectories(output);
    assertEquals(ExitCode.DEADLINE, run(input, output, Duration.ofMillis(150)));
    assertFalse(Files.exists(output.resolve("_SUCCESS")));
    assertEquals(ExitCode.DONE, run(input, output, Duration.ofMinutes(5)));
    assertTrue(Files.exists(output.resolve("_SUCCESS")));
    assertTrue(Files.exists(output.resolve("report.html")));
    Path merged = folder.resolve("merged.jsonl");
    assertEquals(
        ExitCode.DONE,
        new MergeJob(merged, false, System.err).run(input.toString(), List.of(output)));
    requireEveryLineOnce(Files.readAllLines(merged));
  }

  private static void requireEveryLineOnce(List<String> results) {
    assertEquals(LINES, results.size());
    Set<String> ids = new HashSet<>();
    for (String line : results) ids.add(line.replaceFirst(".*\"custom_id\":\"(c\\d+)\".*", "$1"));
    assertEquals(LINES, ids.size());
  }

  @Test
  void aChangedModelOrInputIsRefusedWithTheDifference() throws Exception {
    Path input = Files.writeString(folder.resolve("in.jsonl"), "{\"prompt\":\"a\"}\n");
    Path output = folder.resolve("out.jsonl");
    assertEquals(ExitCode.DONE, run(input, output, null));
    try (FakeAnswerer model = new FakeAnswerer(10);
        BatchJob job = BatchJob.open(input.toString(), output.toString(), BatchOptions.DEFAULT)) {
      assertEquals(
          ExitCode.USAGE,
          job.run(
              _ -> model,
              () -> Map.of("model", "other"),
              List.of("tales"),
              BatchRun.LOOK_AHEAD,
              List.of()));
    }
    // Of the same size and on another line's place: the sampled blocks tell.
    Files.writeString(input, "{\"prompt\":\"b\"}\n");
    assertEquals(ExitCode.USAGE, run(input, output, null));
    BatchOptions forced = BatchOptions.DEFAULT.with(new BatchOptions.Again(false, false, true));
    try (FakeAnswerer model = new FakeAnswerer(10);
        BatchJob job = BatchJob.open(input.toString(), output.toString(), forced)) {
      assertEquals(ExitCode.DONE, BatchRun.run(job, model));
    }
    List<String> lines = Files.readAllLines(output);
    assertEquals(1, lines.size());
    assertTrue(lines.getFirst().contains("\"text\":\"b\""), lines.getFirst());
  }
}
