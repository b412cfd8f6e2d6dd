package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.Manifest;
import dev.quern.batch.store.Output;
import dev.quern.cache.LoadedModel;
import dev.quern.engine.EngineLostException;
import dev.quern.openai.CallOptions.Stamp;
import dev.quern.openai.Policy;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * A JSONL file of prompts run through a model: exactly one result line per input line that is not
 * blank, over any number of attempts. Files are opened first, so that a wrong path is told of
 * before a model is loaded:
 *
 * <pre>{@code
 * try (var job = BatchJob.open("prompts.jsonl", "results.jsonl", BatchOptions.DEFAULT)) {
 *   return job.run(model, Policy.DEFAULT);
 * }
 * }</pre>
 */
public final class BatchJob implements AutoCloseable {
  private static final int MIN_LINES = 64;
  private static final int LINES_PER_SEQUENCE = 16;

  private final Input input;
  private final Target target;
  private final PrintStream err;
  private final boolean terminal;
  private final BatchOptions options;
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final long openedNanos = System.nanoTime();

  BatchJob(Input input, Target target, PrintStream err, boolean terminal, BatchOptions options) {
    this.input = input;
    this.target = target;
    this.err = err;
    this.terminal = terminal;
    this.options = options;
  }

  /**
   * Opens both ends.
   *
   * @param input a path, an http(s) address, or {@code -} for standard input
   * @param output a path or an address; {@code -} for result lines on standard output; null for
   *     standard output as whoever is there wants it: readable text on a terminal, else result
   *     lines
   * @throws IOException with a message for the user; {@link ExitCode#of} tells its exit code
   */
  public static BatchJob open(String input, String output, BatchOptions options)
      throws IOException {
    Input in = Input.open(input, options.scratch());
    try {
      Target target = Targets.open(output, in, options);
      return new BatchJob(in, target, System.err, Terminal.isTerminal(Terminal.STDERR), options);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Runs every line that has no result yet and prints the summary on standard error.
   *
   * @return an {@link ExitCode}
   */
  public int run(LoadedModel model, Policy policy) {
    return run(model, policy, LookAhead.of(model.settings()));
  }

  int run(LoadedModel model, Policy policy, LookAhead lookAhead) {
    return run(
        manifest ->
            new ModelAnswerer(
                model.served(),
                policy,
                new Stamp(manifest.created(), "fp_" + manifest.fingerprint())),
        () -> identity(model, policy),
        model.served().names(),
        lookAhead,
        model.summary());
  }

  private static Map<String, String> identity(LoadedModel model, Policy policy) throws IOException {
    Map<String, String> identity = new LinkedHashMap<>(model.identity().read());
    identity.put("policy", policy.toString());
    return identity;
  }

  int run(
      Function<Manifest, Answerer> answerers,
      LoadedModel.Identity identity,
      List<String> servedNames,
      LookAhead lookAhead,
      List<String> notes) {
    try {
      Manifest manifest = new Manifest(input.modifiedSeconds(), identity.read(), input.identity());
      Output output = target.output();
      if (output != null) manifest = output.bind(manifest, options.again().force());
      if (output != null && output.isComplete()) return alreadyComplete(output);
      Answerer answerer = answerers.apply(manifest);
      return run(answerer, manifest.fingerprint(), servedNames, lookAhead, notes);
    } catch (IOException e) {
      err.println("quern batch: " + e.getMessage());
      return ExitCode.of(e);
    } catch (EngineLostException e) {
      err.println("quern batch: the engine failed: " + e.getMessage());
      return ExitCode.ENGINE_LOST;
    }
  }

  private int run(
      Answerer answerer,
      String fingerprint,
      List<String> servedNames,
      LookAhead lookAhead,
      List<String> notes)
      throws IOException {
    Frontier start = target.results().frontier();
    LineReader reader = new LineReader(input.read(start), options.limits().lineBytes());
    reader.startAt(start);
    Tally tally = new Tally(servedNames, openedNanos);
    int maxLines = options.limits().lines();
    if (maxLines == 0) maxLines = Math.max(MIN_LINES, lookAhead.sequences() * LINES_PER_SEQUENCE);
    Flow flow =
        new Flow(
            reader,
            answerer,
            target.results(),
            tally,
            new Progress(err, terminal, input.lineBytes()),
            new Window(maxLines, options.limits().bytes(), start),
            new Backlog(lookAhead),
            new Flow.Style(options.ordered(), options.limits().lineBytes(), fingerprint));
    int exit;
    try (Stop stop = new Stop(flow::stop, options.deadline())) {
      exit = run(flow, stop);
      if (exit == ExitCode.DONE && failedLines(tally) > 0) exit = ExitCode.BAD_INPUT;
      tally.print(err, target.results().counts(), notes);
      if (target.report() != null) report(tally, servedNames.getFirst(), exit);
    }
    return exit;
  }

  /** Results count, not the report: where it cannot be written that is told and no more. */
  private void report(Tally tally, String model, int exit) {
    try {
      new Report(target.report(), target.file().toString(), model, started)
          .write(tally, target.results().counts(), exit);
    } catch (IOException e) {
      err.println("quern batch: the report cannot be written: " + e.getMessage());
    }
  }

  private int run(Flow flow, Stop stop) throws IOException {
    try {
      if (!flow.run()) {
        int exit = stop.exitCode();
        err.println(
            "quern batch: stopped "
                + (exit == ExitCode.DEADLINE ? "at the deadline" : "by a signal")
                + "; the same command goes on");
        return exit;
      }
      target.results().finish();
      if (target.address() != null) HttpFiles.store(target.file(), target.address());
      return ExitCode.DONE;
    } catch (IOException e) {
      err.println("quern batch: " + e.getMessage());
      return ExitCode.of(e);
    } catch (EngineLostException e) {
      err.println("quern batch: the engine failed: " + e.getMessage());
      return ExitCode.ENGINE_LOST;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      err.println("quern batch: interrupted");
      return ExitCode.STOPPED;
    }
  }

  private long failedLines(Tally tally) {
    Output.Counts all = target.results().counts();
    return all == null ? tally.failed() : all.failed();
  }

  private int alreadyComplete(Output output) throws IOException {
    Output.Counts counts = output.counts();
    err.printf(
        Locale.ROOT,
        "output %s is complete: %,d lines, %,d failed%s%n",
        target.file(),
        counts.lines(),
        counts.failed(),
        counts.failed() > 0 ? "; --retry-failed runs those again" : "");
    if (target.address() != null) HttpFiles.store(target.file(), target.address());
    return counts.failed() > 0 ? ExitCode.BAD_INPUT : ExitCode.DONE;
  }

  @Override
  public void close() throws IOException {
    try {
      input.close();
    } finally {
      target.results().close();
    }
  }
}
