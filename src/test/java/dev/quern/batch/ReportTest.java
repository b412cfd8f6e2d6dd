package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.quern.batch.store.Output;
import dev.quern.openai.ApiError;
import dev.quern.openai.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The report's numbers and its page, for few lines and for many. */
class ReportTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 1_000_000})
  void theReportTellsWhatWasDone(int lines) throws Exception {
    Tally tally = new Tally(List.of("tales"), System.nanoTime());
    Random random = new Random(1);
    for (int i = 0; i < lines; i++) {
      LineAnswer answer =
          i % 50 == 7
              ? new LineAnswer.Failed(
                  i % 150 == 7
                      ? ApiError.of(400, "url '/v1/embeddings' is not supported", "url")
                      : ApiError.of(400, "temperature must be <= 2, got " + i, "temperature"))
              : new LineAnswer.Done(
                  JsonNodeFactory.instance.objectNode(),
                  10 + random.nextInt(900),
                  1 + (long) Math.abs(random.nextGaussian() * 100));
      tally.onResult(answer, random.nextInt(2_000_000_000));
      tally.series().add(i * 0.01, i, i * 80L + random.nextInt(500), false);
    }
    Report report =
        new Report(folder.resolve("report"), "out <1>.jsonl", "quern/tales-5m", Instant.EPOCH);
    int failed = (int) tally.failed();
    report.write(tally, new Output.Counts(lines - failed, failed), ExitCode.STOPPED);
    report.write(tally, new Output.Counts(lines - failed, failed), ExitCode.BAD_INPUT);

    JsonNode json = Json.parse(Files.readAllBytes(folder.resolve("report.json")));
    assertEquals(lines, json.get("lines").intValue());
    assertEquals(2, json.get("attempts").size());
    assertEquals(ExitCode.STOPPED, json.at("/attempts/0/exit_code").intValue());
    assertTrue(json.get("series").size() <= Series.MAX_POINTS);
    long counted = 0;
    for (JsonNode bucket : json.get("latency_ms_histogram"))
      counted += bucket.get("count").longValue();
    assertEquals(lines, counted);
    if (lines >= 100) assertEquals(2, json.get("failures").size(), "numbers make no kinds");

    String page = Files.readString(folder.resolve("report.html"));
    assertTrue(page.contains("out &lt;1&gt;.jsonl"));
    assertTrue(page.length() < 200_000, page.length() + " characters");
    for (String outside : new String[] {"<script", "src=", "href=", "url(", "http:", "https:"})
      assertFalse(page.contains(outside), outside);
    Matcher plots = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page);
    int found = 0;
    for (; plots.find(); found++)
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(plots.group().getBytes(StandardCharsets.UTF_8)));
    assertEquals(lines >= 100 ? 5 : lines == 1 ? 3 : 0, found);
    String keep = System.getenv("QUERN_TEST_REPORT_PAGES");
    if (keep != null) Files.writeString(Path.of(keep, "report-" + lines + ".html"), page);
  }
}
