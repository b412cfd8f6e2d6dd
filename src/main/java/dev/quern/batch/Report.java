package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.batch.store.Output;
import dev.quern.openai.ApiException;
import dev.quern.openai.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a job did, beside its output: {@code report.json}, and {@code report.html} for people. All
 * attempts are listed, the plots are those of the last one.
 *
 * @param name the files' path without its ending
 */
record Report(Path name, String output, String model, Instant started) {
  private static final int MAX_ATTEMPTS = 1000;

  void write(Tally tally, Output.Counts all, int exitCode) throws IOException {
    Path json = name.resolveSibling(name.getFileName() + ".json");
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("output", output);
    report.put("model", model);
    report.put("exit_code", exitCode);
    report.put("lines", all.lines());
    report.put("failed", all.failed());
    report.set("attempts", attempts(json, tally, exitCode));
    series(report.putArray("series"), tally.series());
    histogram(report.putArray("prompt_tokens_histogram"), tally.promptLengths());
    histogram(report.putArray("output_tokens_histogram"), tally.outputLengths());
    histogram(report.putArray("latency_ms_histogram"), tally.latencies());
    ObjectNode failures = report.putObject("failures");
    for (Map.Entry<String, Long> kind : tally.failures().byCount())
      failures.put(kind.getKey(), kind.getValue());
    Files.write(json, Json.write(report));
    Files.write(
        name.resolveSibling(name.getFileName() + ".html"),
        ReportPage.of(report, tally).getBytes(StandardCharsets.UTF_8));
  }

  private ArrayNode attempts(Path json, Tally tally, int exitCode) throws IOException {
    ArrayNode attempts = JsonNodeFactory.instance.arrayNode();
    if (Files.exists(json)) {
      try {
        for (JsonNode earlier : Json.parse(Files.readAllBytes(json)).path("attempts"))
          attempts.add(earlier);
      } catch (ApiException e) {
        // A report that was torn is written anew.
      }
    }
    while (attempts.size() >= MAX_ATTEMPTS) attempts.remove(0);
    ObjectNode attempt = attempts.addObject();
    attempt.put("started", started.toString());
    attempt.put("seconds", tally.runSeconds());
    attempt.put("exit_code", exitCode);
    attempt.put("lines", tally.requests());
    attempt.put("failed", tally.failed());
    attempt.put("prompt_tokens", tally.promptTokens());
    attempt.put("output_tokens", tally.outputTokens());
    attempt.put("output_tokens_per_second", tally.outputTokens() / tally.runSeconds());
    return attempts;
  }

  private static void series(ArrayNode into, Series series) {
    for (int i = 1; i < series.size(); i++) {
      ObjectNode point = into.addObject();
      point.put("seconds", series.seconds(i));
      point.put("lines_per_second", series.linesPerSecond(i));
      point.put("output_tokens_per_second", series.tokensPerSecond(i));
    }
  }

  private static void histogram(ArrayNode into, Histogram histogram) {
    long[] buckets = histogram.buckets();
    for (int i = 0; i < buckets.length; i++) {
      ObjectNode bucket = into.addObject();
      bucket.put("from", i == 0 ? 0 : 1L << i - 1);
      bucket.put("count", buckets[i]);
    }
  }

  /** The sentence at the top of the page. */
  static String headline(ObjectNode report) {
    long failed = report.get("failed").longValue();
    List<String> ends =
        switch (report.get("exit_code").intValue()) {
          case ExitCode.DONE -> List.of("Complete");
          case ExitCode.BAD_INPUT -> List.of("Complete, with failed lines");
          case ExitCode.DEADLINE -> List.of("Stopped at the deadline");
          case ExitCode.STOPPED -> List.of("Stopped by a signal");
          default -> List.of("Ended early");
        };
    return "%s: %,d lines, %,d failed"
        .formatted(ends.getFirst(), report.get("lines").longValue(), failed);
  }
}
