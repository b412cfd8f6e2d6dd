package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.batch.store.ResultId;
import dev.quern.openai.ApiError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job's files, and what a person sees. */
class BatchFilesTest {
  private static final ResultId KEY = new ResultId(3, 7);

  @TempDir Path folder;
  private Path input;

  @BeforeEach
  void writeInput() throws IOException {
    input = Files.writeString(folder.resolve("in.jsonl"), "{\"prompt\":\"a\"}\n");
  }

  @Test
  void resultsGoToTheFile() throws Exception {
    Path output = folder.resolve("out.jsonl");
    assertEquals(0, run(output, BatchOptions.DEFAULT));
    assertTrue(Files.readString(output).endsWith("\"error\":null}\n"));
  }

  @Test
  void anotherJobsResultsAreKeptUnlessOverwritten() throws Exception {
    Path output = Files.writeString(folder.resolve("out.jsonl"), "earlier\n");
    IOException refused = assertThrows(IOException.class, () -> run(output, BatchOptions.DEFAULT));
    assertTrue(refused.getMessage().contains("exists and holds 8 bytes"), refused.getMessage());
    assertEquals("earlier\n", Files.readString(output));
    assertEquals(
        0, run(output, BatchOptions.DEFAULT.with(new BatchOptions.Again(true, false, false))));
    assertFalse(Files.readString(output).contains("earlier"));
  }

  @Test
  void wrongPathsAreNamed() throws Exception {
    Path none = folder.resolve("none.jsonl");
    assertEquals("input " + none + " does not exist", refusal(none, folder.resolve("o")));
    assertEquals("input " + folder + " is a folder", refusal(folder, folder.resolve("o")));
    assertEquals(
        "output folder " + folder + " holds files that are not a job's; name an empty one",
        refusal(input, folder));
    assertEquals("output " + input + " is the input", refusal(input, input));
    Path deep = folder.resolve("no/where.jsonl");
    assertEquals("output " + deep + ": its folder does not exist", refusal(input, deep));
  }

  @Test
  void aPersonReadsTextAndNoControlCharacters() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putArray("choices").addObject().putObject("message").put("content", " Once\033[2J upon\n");
    LineAnswer done = new LineAnswer.Done(body, 1, 1);
    assertEquals(
        "── fox\nOnce[2J upon\n\n", ReadableStream.text(new Result(KEY, "0123abcd", "fox", done)));
    LineAnswer failed = new LineAnswer.Failed(ApiError.of(400, "no prompt", "prompt"));
    assertEquals(
        "── line-3 failed: no prompt\n\n",
        ReadableStream.text(new Result(KEY, "0123abcd", "line-3", failed)));
  }

  @Test
  void theBarShowsHowFarItIs() {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    Tally tally = new Tally(List.of("tales"), System.nanoTime());
    for (int i = 0; i < 3; i++)
      tally.onResult(new LineAnswer.Done(JsonNodeFactory.instance.objectNode(), 1, 10), 1);
    tally.onResult(new LineAnswer.Failed(ApiError.of(400, "no", null)), 1);
    Progress progress = new Progress(new PrintStream(screen, true), true, 1000L);
    progress.tick(tally, 0, 4, 0, 0);
    screen.reset();
    progress.clear();
    progress.tick(tally, 800, 4, 1234, 0.25);
    progress.clear();
    String drawn = screen.toString(StandardCharsets.UTF_8);
    assertTrue(drawn.contains("] 40%  4 lines, 1 failed, 4 in flight, 1,234 tokens, "), drawn);
    assertTrue(drawn.contains("/s, KV 25%, 0 s left"), drawn);
    assertTrue(drawn.endsWith("\r\033[K"), drawn);
    screen.reset();
    Progress quiet = new Progress(new PrintStream(screen, true), false, 1000L);
    quiet.tick(tally, 500, 4, 0, 0);
    quiet.clear();
    assertEquals("", screen.toString(StandardCharsets.UTF_8), "a line comes every ten seconds");
  }

  private String refusal(Path in, Path out) {
    return assertThrows(
            IOException.class,
            () -> BatchJob.open(in.toString(), out.toString(), BatchOptions.DEFAULT).close())
        .getMessage();
  }

  private int run(Path output, BatchOptions options) throws Exception {
    try (FakeAnswerer model = new FakeAnswerer(10);
        BatchJob job = BatchJob.open(input.toString(), output.toString(), options)) {
      return BatchRun.run(job, model);
    }
  }
}
