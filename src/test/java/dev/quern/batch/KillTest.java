package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.openai.Json;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs in processes of their own, killed at random moments ({@code SIGKILL}), until 60 processes
 * were killed: into one file, into shards' files and into a folder, the number of shards changed
 * between attempts. Then each job is let run to its end and every line must have exactly one
 * result.
 *
 * <p>{@code QUERN_TEST_BATCH_KILLS} asks for more kills; {@code QUERN_TEST_KILL_LOG} names a file
 * where each job adds a line, so that many runs add up.
 */
class KillTest {
  private static final int LINES = 6000;

  private enum Form {
    FILE,
    SHARDS,
    FOLDER
  }

  @TempDir Path folder;
  private final Random random = new Random();
  private long kills;
  private long midRun;

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS)
  void everyLineOnceAfterManyKills() throws Exception {
    long seed = System.nanoTime();
    random.setSeed(seed);
    String asked = System.getenv("QUERN_TEST_BATCH_KILLS");
    int wanted = asked == null ? 60 : Integer.parseInt(asked);
    Path input = Files.writeString(folder.resolve("in.jsonl"), lines());
    for (int job = 0; kills < wanted; job++) {
      long before = kills;
      Path place = Files.createDirectory(folder.resolve("job" + job));
      Form form = Form.values()[job % Form.values().length];
      Path output = place.resolve("out.jsonl");
      String outputName = form == Form.FOLDER ? place.resolve("out") + "/" : output.toString();
      // Killed until most of it is done.
      for (int attempt = 0; kills < wanted && attempt < 12; attempt++)
        attempt(input, outputName, form == Form.FILE ? 1 : 2 + random.nextInt(2), true);
      attempt(input, outputName, form == Form.SHARDS ? 2 : 1, false);
      if (form == Form.FOLDER) Files.write(output, pieces(place.resolve("out")));
      if (form == Form.SHARDS) {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        int exit =
            new MergeJob(output, false, new PrintStream(told)).run(input.toString(), List.of());
        assertEquals(0, exit, told.toString());
      }
      check(output, "seed " + seed + ", job " + job);
      log(job, kills - before, form);
    }
    assertTrue(midRun > wanted / 3, midRun + " of " + kills + " kills came while lines ran");
  }

  /** Some lines take a while, so that results do not come in input order. */
  private static String lines() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++)
      text.append("{\"custom_id\":\"c%d\",\"prompt\":\"wait %d\"}\n".formatted(i, i * 7 % 40));
    return text.toString();
  }

  private static List<String> pieces(Path folder) throws IOException {
    assertTrue(Files.exists(folder.resolve("_SUCCESS")));
    List<String> lines = new ArrayList<>();
    try (DirectoryStream<Path> pieces = Files.newDirectoryStream(folder, "part-*.jsonl")) {
      for (Path piece : pieces) lines.addAll(Files.readAllLines(piece));
    }
    return lines;
  }

  private void attempt(Path input, String output, int shards, boolean kill) throws Exception {
    List<Process> jobs = new ArrayList<>();
    for (int i = 0; i < shards; i++) jobs.add(start(input, output, i + "/" + shards));
    for (Process job : jobs) {
      BufferedReader said = job.inputReader();
      if (kill) {
        boolean early = random.nextInt(6) == 0;
        if (early) Thread.sleep(random.nextInt(300));
        else if (said.readLine() != null) Thread.sleep(random.nextInt(900));
        if (job.isAlive()) {
          kills++;
          if (!early) midRun++;
        }
        job.destroyForcibly();
      } else {
        while (said.readLine() != null) {}
      }
      int exit = job.waitFor();
      if (!kill) assertEquals(0, exit);
    }
  }

  static Process start(Path input, String output, String shard) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            KilledJob.class.getName(),
            input.toString(),
            output,
            shard)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void check(Path output, String where) throws IOException {
    boolean[] seen = new boolean[LINES];
    for (String line : Files.readAllLines(output)) {
      JsonNode result = Json.parse(line.getBytes(StandardCharsets.UTF_8));
      int number = Integer.parseInt(result.get("custom_id").textValue().substring(1));
      assertTrue(!seen[number], where + ": line " + number + " is there twice");
      seen[number] = true;
      String text = result.at("/response/body/choices/0/text").textValue();
      assertEquals("wait " + number * 7 % 40, text, where);
    }
    for (int i = 0; i < LINES; i++) assertTrue(seen[i], where + ": line " + i + " is lost");
  }

  private static void log(int job, long kills, Form form) throws IOException {
    String file = System.getenv("QUERN_TEST_KILL_LOG");
    if (file == null) return;
    Files.writeString(
        Path.of(file),
        "job %d: %d kills, %d lines, %s: every line once%n"
            .formatted(job, kills, LINES, form.name().toLowerCase(Locale.ROOT)),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
