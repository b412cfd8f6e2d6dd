package dev.quern.batch;

import dev.quern.batch.store.Output;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A job's counts. The reader's thread tells of names, the writer's of results. */
final class Tally {
  /** Foreign names that are counted apart; the input must not make this grow. */
  private static final int MAX_NAMES = 100;

  private final List<String> servedNames;
  private final long openedNanos;
  private final long runNanos = System.nanoTime();
  private final Map<String, Long> foreignNames = new LinkedHashMap<>();
  private final DoubledIds ids = new DoubledIds();
  private final Series series = new Series();
  private final Histogram promptLengths = new Histogram();
  private final Histogram outputLengths = new Histogram();
  private final Histogram latencies = new Histogram();
  private final Failures failures = new Failures();
  private long foreignLines;
  private long firstNanos;
  private long requests;
  private long failed;
  private long promptTokens;
  private long outputTokens;

  /**
   * Rates count from now, when the model is loaded.
   *
   * @param openedNanos when the job began; the first line's time counts from there
   */
  Tally(List<String> servedNames, long openedNanos) {
    this.servedNames = servedNames;
    this.openedNanos = openedNanos;
  }

  /**
   * A line was understood.
   *
   * @param modelName as the line has it, or null
   */
  synchronized void onLine(String customId, String modelName) {
    ids.onId(customId);
    onModelName(modelName);
  }

  private void onModelName(String name) {
    if (name == null || name.isEmpty() || servedNames.contains(name)) return;
    foreignLines++;
    if (foreignNames.containsKey(name) || foreignNames.size() < MAX_NAMES)
      foreignNames.merge(LineJson.shortened(name), 1L, Long::sum);
  }

  /**
   * @param nanos from the line's start to its result
   */
  void onResult(LineAnswer answer, long nanos) {
    if (requests == 0) firstNanos = System.nanoTime();
    requests++;
    latencies.add(nanos / 1_000_000);
    switch (answer) {
      case LineAnswer.Failed(var error) -> {
        failed++;
        failures.add(error);
      }
      case LineAnswer.Done done -> {
        promptLengths.add(done.promptTokens());
        outputLengths.add(done.outputTokens());
        promptTokens += done.promptTokens();
        outputTokens += done.outputTokens();
      }
    }
  }

  /**
   * Time passes.
   *
   * @param tokens of unfinished lines among them
   */
  void onTick(long tokens, boolean last) {
    series.add(runSeconds(), requests, tokens, last);
  }

  Series series() {
    return series;
  }

  Histogram promptLengths() {
    return promptLengths;
  }

  Histogram outputLengths() {
    return outputLengths;
  }

  /** In milliseconds. */
  Histogram latencies() {
    return latencies;
  }

  Failures failures() {
    return failures;
  }

  long promptTokens() {
    return promptTokens;
  }

  long requests() {
    return requests;
  }

  long failed() {
    return failed;
  }

  long outputTokens() {
    return outputTokens;
  }

  double runSeconds() {
    return Math.max(1, System.nanoTime() - runNanos) / 1e9;
  }

  /**
   * @param all counts over all attempts; null where there is but one
   */
  synchronized void print(PrintStream err, Output.Counts all, List<String> notes) {
    double seconds = runSeconds();
    err.printf(
        Locale.ROOT,
        "%,d requests, %,d failed: %,d prompt tokens, %,d output tokens in %.2f s (%,.1f output"
            + " tokens/s, %,.1f in all)",
        requests,
        failed,
        promptTokens,
        outputTokens,
        seconds,
        outputTokens / seconds,
        (promptTokens + outputTokens) / seconds);
    if (requests > 0)
      err.printf(Locale.ROOT, "; first line after %.2f s", (firstNanos - openedNanos) / 1e9);
    err.println();
    if (all != null && all.lines() > requests)
      err.printf(
          Locale.ROOT, "with earlier attempts: %,d lines, %,d failed%n", all.lines(), all.failed());
    if (ids.doubled() > 0)
      err.printf(
          Locale.ROOT,
          "%,d lines have a custom_id that another line has (such as %s); each was run%n",
          ids.doubled(),
          ids.example());
    if (foreignLines > 0)
      err.printf(
          Locale.ROOT,
          "%,d lines name another model (%s); %s answered them%n",
          foreignLines,
          names(),
          servedNames.getFirst());
    for (String note : notes) err.println(note);
  }

  private String names() {
    List<Map.Entry<String, Long>> most =
        foreignNames.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(3)
            .toList();
    StringBuilder names = new StringBuilder();
    for (Map.Entry<String, Long> name : most)
      names
          .append(names.isEmpty() ? "" : ", ")
          .append(name.getKey())
          .append(" ×")
          .append(name.getValue());
    return foreignNames.size() > most.size() ? names + ", …" : names.toString();
  }
}
