package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.batch.store.MismatchException;
import dev.quern.batch.store.Shard;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs of shards that do not belong together. */
class MergeTest {
  @TempDir Path folder;
  private Path input;
  private Path output;

  @BeforeEach
  void writeInput() throws IOException {
    output = folder.resolve("out.jsonl");
    input =
        Files.writeString(
            folder.resolve("in.jsonl"),
            "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n{\"prompt\":\"c\"}\n");
  }

  @Test
  void resultsOfAnotherModelAreJoinedOnlyWhenForced() throws Exception {
    answer(output, new Shard(0, 2), "small");
    answer(output, new Shard(1, 2), "large");
    MismatchException refused =
        assertThrows(MismatchException.class, () -> merge(false, List.of()));
    String message = refused.getMessage();
    assertTrue(message.matches("(?s).*\n  2 lines of [0-9a-f]{8}\\b.*"), message);
    assertTrue(message.matches("(?s).*\n  1 lines of [0-9a-f]{8}\\b.*"), message);
    assertTrue(
        message.contains("\n    model: was small, is large")
            || message.contains("\n    model: was large, is small"),
        message);
    assertEquals(ExitCode.USAGE, ExitCode.of(refused));
    assertFalse(Files.exists(output));

    assertEquals(ExitCode.DONE, merge(true, List.of()));
    assertEquals(3, Files.readAllLines(output).size());
  }

  @Test
  void alsoOfPackedPartsAndFolders() throws Exception {
    Path packed = folder.resolve("a.jsonl.gz");
    Path pieces = Files.createDirectory(folder.resolve("b"));
    answer(packed, Shard.WHOLE, "small");
    answer(pieces, new Shard(1, 2), "large");
    Path kept = folder.resolve("c.jsonl");
    answer(kept, new Shard(0, 2), "small");
    assertEquals(ExitCode.DONE, merge(false, List.of(packed)));
    MismatchException refused =
        assertThrows(
            MismatchException.class,
            () -> merge(false, List.of(pieces, kept.resolveSibling("c-00000-of-00002.jsonl"))));
    assertTrue(refused.getMessage().contains("model: was "), refused.getMessage());
  }

  private int merge(boolean force, List<Path> parts) throws IOException {
    return new MergeJob(output, force, new PrintStream(PrintStream.nullOutputStream()))
        .run(input.toString(), parts);
  }

  private void answer(Path output, Shard shard, String model) throws Exception {
    try (FakeAnswerer answerer = new FakeAnswerer(10);
        BatchJob job = BatchJob.open("" + input, "" + output, BatchOptions.DEFAULT.with(shard))) {
      assertEquals(
          ExitCode.DONE,
          job.run(
              _ -> answerer,
              () -> Map.of("model", model),
              List.of("tales"),
              BatchRun.LOOK_AHEAD,
              List.of()));
    }
  }
}
