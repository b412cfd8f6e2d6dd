package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is in flight: order, bounds, failures. */
@Timeout(60)
class FlowTest {
  @Test
  void resultsComeAsTheyAreFinished() throws Exception {
    String input = "{\"prompt\":\"wait 400\"}\n{\"prompt\":\"wait 0\"}\n";
    assertEquals(List.of("line-2", "line-1"), ids(BatchRun.of(input)));
  }

  @Test
  void orderedResultsComeInInputOrder() throws Exception {
    StringBuilder input = new StringBuilder();
    for (int i = 0; i < 300; i++)
      input.append("{\"prompt\":\"wait ").append(i % 7 == 0 ? 30 : i % 3).append("\"}\nbad\n\n");
    BatchRun run = BatchRun.of(input.toString().getBytes(StandardCharsets.UTF_8), BatchRun.ORDERED);
    assertEquals(600, run.lines().size());
    int last = 0;
    for (String id : ids(run)) {
      int number = Integer.parseInt(id.substring(5));
      assertTrue(number > last, id + " after line-" + last);
      last = number;
    }
  }

  @Test
  void everyLineHasOneResult() throws Exception {
    StringBuilder input = new StringBuilder();
    for (int i = 0; i < 5000; i++)
      input
          .append("{\"custom_id\":\"c")
          .append(i)
          .append("\",\"prompt\":\"wait ")
          .append(i % 4)
          .append("\"}\n");
    BatchRun run =
        BatchRun.of(
            new ByteArrayInputStream(input.toString().getBytes(StandardCharsets.UTF_8)),
            BatchRun.OPTIONS,
            10);
    assertEquals(0, run.exit());
    assertEquals(5000, run.lines().size());
    assertEquals(5000, new HashSet<>(ids(run)).size());
    assertTrue(run.model().refusals.get() > 0, "the model was never full");
    assertTrue(run.model().mostRunning.get() <= 10);
    assertTrue(run.summary().contains("15,000 prompt tokens, 25,000 output tokens"), run.summary());
  }

  /** Lines read and not yet written never exceed the window, however slow the writing is. */
  @Test
  void aHundredThousandBadLinesAreBounded() throws Exception {
    int lines = 100_000;
    int window = 32;
    AtomicInteger read = new AtomicInteger();
    AtomicInteger written = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    byte[] line = "{\"prompt\": nonsense}\n".getBytes(StandardCharsets.UTF_8);
    InputStream input =
        new InputStream() {
          @Override
          public int read() {
            throw new UnsupportedOperationException();
          }

          @Override
          public int read(byte[] into, int from, int count) {
            if (read.get() == lines) return -1;
            System.arraycopy(line, 0, into, from, line.length);
            most.accumulateAndGet(read.incrementAndGet() - written.get(), Math::max);
            return line.length;
          }
        };
    OutputStream slow =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void write(byte[] bytes, int from, int count) {
            if (written.incrementAndGet() % 1000 == 0) Thread.yield();
          }
        };
    BatchOptions options = BatchRun.OPTIONS.with(new BatchOptions.Limits(1000, window, 1 << 20));
    PrintStream err = new PrintStream(new ByteArrayOutputStream());
    try (FakeAnswerer model = new FakeAnswerer(1);
        BatchJob job =
            new BatchJob(
                Input.of(input), Target.stream(new JsonlStream(slow)), err, false, options)) {
      assertEquals(ExitCode.BAD_INPUT, BatchRun.run(job, model));
    }
    assertEquals(lines, written.get());
    assertTrue(most.get() <= window + 2, "as many as " + most + " lines were in flight");
  }

  @Test
  void linesLargerThanTheByteBudgetGoAlone() throws Exception {
    StringBuilder input = new StringBuilder();
    for (int i = 0; i < 20; i++)
      input.append("{\"x\":\"").append("y".repeat(2000)).append("\",\"prompt\":\"wait 1\"}\n");
    BatchOptions options = BatchRun.OPTIONS.with(new BatchOptions.Limits(4000, 100, 1000));
    BatchRun run = BatchRun.of(input.toString().getBytes(StandardCharsets.UTF_8), options);
    assertEquals(20, run.lines().size());
    assertEquals(1, run.model().mostRunning.get());
  }

  @Test
  void aLineOfManyMegabytesIsAnsweredOrRefused() throws Exception {
    String big = "{\"prompt\":\"" + "z".repeat(30 << 20) + "\"}\n";
    String tooBig = "{\"prompt\":\"" + "z".repeat(33 << 20) + "\"}\n";
    BatchRun run = BatchRun.of(big + tooBig + "{\"prompt\":\"after\"}\n");
    assertEquals(30 << 20, run.text("line-1").length());
    assertEquals(
        "line 2 is too long: 34603021 bytes, the limit is 33554432", run.message("line-2"));
    assertEquals("after", run.text("line-3"));
  }

  @Test
  void aDeepLineIsRefused() throws Exception {
    BatchRun run = BatchRun.of("{\"prompt\":" + "[".repeat(100_000) + "\n");
    assertTrue(run.message("line-1").contains("depth"), run.message("line-1"));
  }

  @Test
  void aLostEngineEndsTheJobAndKeepsWhatIsWritten() throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    PipedInputStream input = new PipedInputStream(typed);
    typed.write("{\"prompt\":\"first\"}\n".getBytes(StandardCharsets.UTF_8));
    typed.write(
        "{\"prompt\":\"wait 20000\"}\n{\"prompt\":\"lost\"}\n".getBytes(StandardCharsets.UTF_8));
    // The pipe stays open: the job must not wait for more input.
    BatchRun run = BatchRun.of(input, BatchRun.OPTIONS, 10);
    assertEquals(ExitCode.ENGINE_LOST, run.exit());
    assertTrue(run.summary().contains("the engine failed: the device is gone"), run.summary());
    Set<String> ids = Set.copyOf(ids(run));
    assertTrue(ids.isEmpty() || ids.equals(Set.of("line-1")), ids.toString());
    typed.close();
  }

  @Test
  void aFailedWriteEndsTheJob() throws Exception {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    byte[] input = "{\"prompt\":\"a\"}\n".repeat(1000).getBytes(StandardCharsets.UTF_8);
    try (FakeAnswerer model = new FakeAnswerer(10);
        BatchJob job =
            new BatchJob(
                Input.of(new ByteArrayInputStream(input)),
                Target.stream(new JsonlStream(full)),
                new PrintStream(err, true),
                false,
                BatchRun.OPTIONS)) {
      assertEquals(ExitCode.FAILED, BatchRun.run(job, model));
    }
    assertTrue(err.toString().contains("No space left on device"), err.toString());
  }

  @Test
  void nothingInNothingOut() throws Exception {
    BatchRun run = BatchRun.of("\n  \n");
    assertEquals(0, run.exit());
    assertEquals(0, run.lines().size());
    assertTrue(run.summary().startsWith("0 requests"), run.summary());
  }

  private static List<String> ids(BatchRun run) {
    return run.lines().stream().map(FlowTest::id).toList();
  }

  private static String id(JsonNode line) {
    return line.get("custom_id").textValue();
  }
}
