package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Standard input has no place to go on from: what has a result is known by its text. */
@Timeout(120)
class StreamResumeTest {
  private static final int LINES = 3000;

  @TempDir Path folder;

  @Test
  void aKilledJobOfStandardInputGoesOnInAnyOrder() throws Exception {
    Random random = new Random(7);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < LINES; i++)
      // Each tenth is there twice: equal lines are lines of their own.
      lines.add("{\"prompt\":\"wait %d\",\"user\":\"%d\"}".formatted(i % 20, i - i % 10 / 9));
    Path output = folder.resolve("out.jsonl");
    Path log = folder.resolve("out.jsonl.job/results.jsonl");
    long before = 0;
    for (int kill = 0; kill < 2; kill++) {
      Process job = KillTest.start(Path.of("-"), output.toString(), "0/1");
      try (OutputStream in = job.getOutputStream()) {
        in.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        while (Files.notExists(log) || Files.size(log) < before + 30_000) Thread.sleep(2);
        assertTrue(job.isAlive(), "it ended before it was killed");
        job.destroyForcibly().waitFor();
      }
      before = Files.size(log);
      Collections.shuffle(lines, random);
    }
    lines.add("{\"prompt\":\"wait 0\",\"user\":\"new\"}");
    Process job = KillTest.start(Path.of("-"), output.toString(), "0/1");
    try (OutputStream in = job.getOutputStream()) {
      in.write(String.join("\r\n", lines).getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(0, job.waitFor());
    List<String> results = Files.readAllLines(output);
    assertEquals(LINES + 1, results.size());
    // Of each text as many as it has lines.
    int[] found = new int[20];
    for (String result : results)
      found[Integer.parseInt(result.replaceFirst("(?s).*\"text\":\"wait (\\d+)\".*", "$1"))]++;
    for (int i = 0; i < found.length; i++) assertEquals(LINES / 20 + (i == 0 ? 1 : 0), found[i]);
  }
}
