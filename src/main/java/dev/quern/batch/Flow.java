package dev.quern.batch;

import dev.quern.batch.store.ResultId;
import dev.quern.engine.CapacityException;
import dev.quern.engine.EngineLostException;
import dev.quern.openai.ApiException;
import java.io.IOException;

/**
 * Lines in, results out, with a bounded number between.
 *
 * <p>Three threads: the reader reads, parses and tokenises lines beside the engine's steps, the
 * starter hands them to the engine from the {@link Backlog}, the caller's builds and writes results
 * ({@link ResultWriter}). A line's place in the {@link Window} is given back only when its result
 * is written, so nothing grows with the file.
 *
 * <p>A failed write or a lost engine ends the flow: nothing more is started and no line is written
 * for what was in flight. Everything else that goes wrong is the result of its line.
 */
final class Flow {
  private static final long CAPACITY_WAIT_MILLIS = 50;
  private static final int MAX_REFUSALS_ALONE = 20;

  private final LineReader reader;
  private final Answerer answerer;
  private final Results results;
  private final Tally tally;
  private final Progress progress;
  private final Window window;
  private final Backlog backlog;
  private final Style style;

  private final ResultWriter writer;
  private final long tokensBefore;
  private volatile Throwable failure;
  private volatile boolean complete;

  /**
   * @param ordered results in input order
   * @param fingerprint of what the results depend on beside the lines
   */
  record Style(boolean ordered, int maxLineBytes, String fingerprint) {}

  Flow(
      LineReader reader,
      Answerer answerer,
      Results results,
      Tally tally,
      Progress progress,
      Window window,
      Backlog backlog,
      Style style) {
    this.reader = reader;
    this.answerer = answerer;
    this.results = results;
    this.tally = tally;
    this.progress = progress;
    this.window = window;
    this.backlog = backlog;
    this.style = style;
    writer = new ResultWriter(results, tally, progress, window, style, this::drawProgress);
    tokensBefore = answerer.outputTokens();
  }

  /**
   * Runs to the end of the input, or until stopped.
   *
   * @return false when stopped; what was finished by then is written
   * @throws IOException when reading or writing failed
   * @throws EngineLostException when the engine failed
   */
  boolean run() throws IOException, InterruptedException {
    // Daemons: nothing wakes the reader from an input that neither comes nor ends.
    Thread.ofPlatform().name("batch-reader").daemon().start(() -> guarded(this::read));
    Thread.ofPlatform().name("batch-starter").daemon().start(() -> guarded(this::startAll));
    try {
      writer.run();
    } finally {
      window.stop();
      backlog.stop();
      progress.clear();
    }
    tally.onTick(answerer.outputTokens() - tokensBefore, true);
    results.settle(window.frontier(), true);
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
    return complete;
  }

  /** Admits no more lines and leaves those in flight. From any thread. */
  void stop() {
    window.stop();
    backlog.stop();
    writer.end();
  }

  private interface Part {
    void run() throws IOException, InterruptedException;
  }

  /** A part of the flow that fails ends the whole. */
  private void guarded(Part part) {
    try {
      part.run();
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      failure = e;
      writer.end();
    }
  }

  private void read() throws IOException, InterruptedException {
    long index = 0;
    for (Line line; (line = reader.next()) != null; ) {
      Line admitted = results.admit(line);
      if (admitted.number() == 0) {
        if (!window.pass(line)) return;
      } else if (!window.enter(admitted) || !prepare(admitted, index++)) {
        return;
      }
    }
    backlog.end();
    complete = window.awaitEmpty();
    writer.end();
  }

  /** Puts one line into the backlog, or its refusal into the queue; false when stopped. */
  private boolean prepare(Line line, long index) throws InterruptedException {
    ResultId key = new ResultId(line.number(), line.hash());
    String customId = "line-" + line.number();
    LineAnswer.Failed refusal;
    try {
      BatchLine asked = BatchLine.parse(line, style.maxLineBytes);
      customId = asked.customId();
      tally.onLine(customId, asked.body().path("model").textValue());
      Answerer.Work work = answerer.prepare(asked, Result.requestId(key, style.fingerprint));
      return backlog.add(new Ready(index, key, line.keptBytes(), customId, work));
    } catch (BadLineException e) {
      customId = e.customId();
      refusal = new LineAnswer.Failed(e.error());
    } catch (ApiException e) {
      refusal = new LineAnswer.Failed(e.error());
    } catch (RuntimeException | StackOverflowError e) {
      refusal = LineAnswer.internal(e);
    }
    fail(new Ready(index, key, line.keptBytes(), customId, null), refusal);
    return true;
  }

  private void fail(Ready line, LineAnswer.Failed refusal) {
    writer.add(new ResultWriter.Finished(line, System.nanoTime(), () -> refusal));
  }

  private void startAll() throws InterruptedException {
    for (Ready line; (line = backlog.next()) != null; ) {
      try {
        if (!start(line)) return;
      } catch (EngineLostException e) {
        throw e;
      } catch (ApiException e) {
        backlog.left(line);
        fail(line, new LineAnswer.Failed(e.error()));
      } catch (RuntimeException e) {
        backlog.left(line);
        fail(line, LineAnswer.internal(e));
      }
    }
  }

  /** False when stopped before the engine took the line. */
  private boolean start(Ready line) throws InterruptedException {
    long startNanos = System.nanoTime();
    for (int refusedAlone = 0; ; ) {
      try {
        line.work()
            .start(
                answer -> {
                  backlog.left(line);
                  writer.add(new ResultWriter.Finished(line, startNanos, answer));
                });
        return true;
      } catch (CapacityException full) {
        // With nothing else in the engine the line is too much for its queue by itself.
        if (backlog.isAlone(line) && ++refusedAlone > MAX_REFUSALS_ALONE)
          throw ApiException.of(full);
        if (!backlog.awaitChange(CAPACITY_WAIT_MILLIS)) return false;
      }
    }
  }

  private void drawProgress() {
    tally.onTick(answerer.outputTokens() - tokensBefore, false);
    progress.tick(
        tally,
        reader.readBytes(),
        window.lines(),
        answerer.outputTokens() - tokensBefore,
        answerer.kvUse());
  }
}
