package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.openai.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A job run on a fake model, and what came out of it. */
record BatchRun(int exit, List<JsonNode> lines, String summary, FakeAnswerer model) {
  static final Map<String, String> IDENTITY = Map.of("model", "fake");
  static final LookAhead LOOK_AHEAD = new LookAhead(8, 10_000, 10_000, true);
  static final BatchOptions OPTIONS = BatchOptions.DEFAULT;
  static final BatchOptions ORDERED = BatchOptions.DEFAULT.ordered(true);

  static BatchRun of(String input) throws Exception {
    return of(input.getBytes(StandardCharsets.UTF_8), OPTIONS);
  }

  static BatchRun of(byte[] input, BatchOptions options) throws Exception {
    return of(new ByteArrayInputStream(input), options, 1000);
  }

  static BatchRun of(InputStream input, BatchOptions options, int capacity) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    FakeAnswerer model = new FakeAnswerer(capacity);
    int exit;
    try (model;
        BatchJob job =
            new BatchJob(
                Input.of(input),
                Target.stream(new JsonlStream(out)),
                new PrintStream(err, true),
                false,
                options)) {
      exit = run(job, model);
    }
    List<JsonNode> lines = new ArrayList<>();
    String text = out.toString(StandardCharsets.UTF_8);
    if (!text.isEmpty() && !text.endsWith("\n")) throw new AssertionError("torn: " + text);
    for (String line : text.split("\n"))
      if (!line.isEmpty()) lines.add(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
    return new BatchRun(exit, lines, err.toString(StandardCharsets.UTF_8), model);
  }

  static int run(BatchJob job, Answerer model) {
    return job.run(_ -> model, () -> IDENTITY, List.of("tales"), LOOK_AHEAD, List.of());
  }

  /** The one result with this id. */
  JsonNode line(String customId) {
    List<JsonNode> found =
        lines.stream().filter(l -> l.path("custom_id").asText().equals(customId)).toList();
    if (found.size() != 1) throw new AssertionError(customId + " found " + found.size() + " times");
    return found.getFirst();
  }

  int status(String customId) {
    return line(customId).path("response").path("status_code").intValue();
  }

  String message(String customId) {
    return line(customId).path("error").path("message").textValue();
  }

  String text(String customId) {
    return line(customId).at("/response/body/choices/0/text").textValue();
  }
}
