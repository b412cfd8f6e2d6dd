package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program itself with the built-in model, killed ({@code SIGKILL}) while lines run, the number
 * of shards and the batch size changed between attempts: the output's lines, sorted, are the bytes
 * of a job that nothing happened to. With the plain ops (the JVM gets no Vector API) and with the
 * vector ops.
 */
@Timeout(240)
class KilledModelTest {
  private static final int LINES = 36;

  @TempDir Path folder;
  private final Random random = new Random();

  @ParameterizedTest
  @ValueSource(strings = {"vector", "scalar"})
  void killedJobsGiveTheSameBytes(String ops) throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LINES; i++)
      text.append(
              "{\"custom_id\":\"c%d\",\"prompt\":\"Once %d\",\"max_tokens\":%d"
                  .formatted(i, i, 9 + i % 23))
          .append(i % 3 == 2 ? "}\n" : ",\"temperature\":0}\n");
    Path input = Files.writeString(folder.resolve("in.jsonl"), text);
    Path whole = folder.resolve("whole.jsonl");
    assertEquals(0, start(ops, input, whole, "0/1", 1).waitFor(), said());
    List<String> expected = sorted(whole);
    assertEquals(LINES, expected.size());
    assertTrue(
        Files.readString(folder.resolve("said"))
            .contains(ops.equals("vector") ? "-bit vectors" : "scalar"),
        said());

    Path output = folder.resolve("out.jsonl");
    int kills = 0;
    int shards = 2;
    List<Process> jobs = new ArrayList<>();
    for (int i = 0; i < shards; i++) {
      Process job = start(ops, input, output, i + "/" + shards, 2 + 3 * i);
      Path log =
          folder.resolve("out-0000%d-of-0000%d.jsonl.job/results.jsonl".formatted(i, shards));
      while (job.isAlive() && (Files.notExists(log) || Files.size(log) == 0)) Thread.sleep(2);
      Thread.sleep(random.nextInt(60));
      if (job.isAlive()) kills++;
      job.destroyForcibly();
      jobs.add(job);
    }
    for (Process job : jobs) job.waitFor();
    assertTrue(kills > 0, "no process was killed while it ran");
    // Not sharded any more: all lines are answered again, to the same bytes.
    assertEquals(0, start(ops, input, output, "0/1", 16).waitFor(), said());
    assertEquals(expected, sorted(output));
  }

  private Process start(String ops, Path input, Path output, String shard, int sequences)
      throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED"));
    command.add(
        ops.equals("vector") ? "--add-modules=jdk.incubator.vector" : "-XX:TieredStopAtLevel=1");
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "dev.quern.Main",
            "batch",
            input.toString(),
            output.toString(),
            "--shard",
            shard,
            "--device=cpu",
            "--max-num-seqs=" + sequences));
    ProcessBuilder job = new ProcessBuilder(command).directory(folder.toFile());
    return job.redirectErrorStream(true).redirectOutput(folder.resolve("said").toFile()).start();
  }

  private String said() throws Exception {
    return Files.readString(folder.resolve("said"));
  }

  private static List<String> sorted(Path file) throws Exception {
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    Collections.sort(lines);
    return lines;
  }
}
