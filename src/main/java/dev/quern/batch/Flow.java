package dev.quern.batch;

import dev.quern.batch.store.ResultId;
import dev.quern.engine.CapacityException;
import dev.quern.engine.EngineLostException;
import dev.quern.openai.ApiException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lines in, results out, with a bounded number between.
 *
 * <p>Two threads: one of our own reads, parses and starts lines (tokenising happens there, beside
 * the engine's steps), the caller's builds and writes results. The queue between the engine and the
 * writer has no bound of its own: a line's place in the {@link Window} is given back only when its
 * result is written, so nothing grows with the file, and the engine's thread never waits.
 *
 * <p>Results are written in the order they are finished: none waits for a longer one, so a place is
 * free again at once and the engine stays full. In input order they are held back until their turn,
 * within the same window.
 *
 * <p>A failed write or a lost engine ends the flow: nothing more is started and no line is written
 * for what was in flight. Everything else that goes wrong is the result of its line.
 */
final class Flow {
  private static final long TICK_MILLIS = 50;
  private static final long CAPACITY_WAIT_MILLIS = 50;
  private static final int MAX_REFUSALS_ALONE = 20;

  /**
   * @param index counted from 0 over all results of this run
   */
  private record Finished(
      long index,
      Line line,
      ResultId key,
      long startNanos,
      String customId,
      Supplier<LineAnswer> answer) {}

  private static final Finished END = new Finished(-1, null, null, 0, null, null);

  private final LineReader reader;
  private final Answerer answerer;
  private final Results results;
  private final Tally tally;
  private final Progress progress;
  private final Window window;
  private final Style style;

  private final LinkedBlockingQueue<Finished> queue = new LinkedBlockingQueue<>();

  /** Results that came before their turn, by index; used with {@link Style#ordered} only. */
  private final Map<Long, Finished> held = new HashMap<>();

  private long nextIndex;
  private final long tokensBefore;
  private volatile Throwable readFailure;
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
      Style style) {
    this.reader = reader;
    this.answerer = answerer;
    this.results = results;
    this.tally = tally;
    this.progress = progress;
    this.window = window;
    this.style = style;
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
    // A daemon, since nothing wakes it from reading an input that neither comes nor ends.
    Thread.ofPlatform().name("batch-reader").daemon().start(this::read);
    try {
      write();
    } finally {
      window.stop();
      progress.clear();
    }
    tally.onTick(answerer.outputTokens() - tokensBefore, true);
    results.settle(window.frontier(), true);
    switch (readFailure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(readFailure);
    }
    return complete;
  }

  /** Admits no more lines and leaves those in flight. From any thread. */
  void stop() {
    window.stop();
    queue.add(END);
  }

  private void read() {
    try {
      long index = 0;
      for (Line line; (line = reader.next()) != null; ) {
        Line admitted = results.admit(line);
        if (admitted.number() == 0) {
          if (!window.pass(line)) return;
        } else if (!window.enter(admitted) || !start(admitted, index++)) {
          return;
        }
      }
      complete = window.awaitEmpty();
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      readFailure = e;
    } finally {
      queue.add(END);
    }
  }

  /** Starts on one line; false when the flow was stopped meanwhile. */
  private boolean start(Line line, long index) throws InterruptedException {
    ResultId key = new ResultId(line.number(), line.hash());
    long startNanos = System.nanoTime();
    String requestId = Result.requestId(key, style.fingerprint);
    String customId = "line-" + line.number();
    try {
      BatchLine asked = BatchLine.parse(line, style.maxLineBytes);
      customId = asked.customId();
      tally.onLine(customId, asked.body().path("model").textValue());
      String id = customId;
      for (int refusedAlone = 0; ; ) {
        try {
          answerer.start(
              asked,
              requestId,
              answer -> queue.add(new Finished(index, line, key, startNanos, id, answer)));
          return true;
        } catch (CapacityException full) {
          // With nothing else in flight the line is too much for the queue by itself.
          if (window.lines() == 1 && ++refusedAlone > MAX_REFUSALS_ALONE)
            throw ApiException.of(full);
          if (!window.awaitChange(CAPACITY_WAIT_MILLIS)) return false;
        }
      }
    } catch (BadLineException e) {
      LineAnswer answer = new LineAnswer.Failed(e.error());
      queue.add(new Finished(index, line, key, startNanos, e.customId(), () -> answer));
    } catch (ApiException e) {
      LineAnswer answer = new LineAnswer.Failed(e.error());
      queue.add(new Finished(index, line, key, startNanos, customId, () -> answer));
    } catch (EngineLostException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      LineAnswer answer = LineAnswer.internal(e);
      queue.add(new Finished(index, line, key, startNanos, customId, () -> answer));
    }
    return true;
  }

  private void write() throws IOException, InterruptedException {
    while (true) {
      Finished finished = queue.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
      if (finished == END) return;
      if (finished == null) results.settle(window.frontier(), false);
      if (finished == null) drawProgress();
      else if (!style.ordered) writeOne(finished);
      else {
        held.put(finished.index, finished);
        for (Finished next; (next = held.remove(nextIndex)) != null; nextIndex++) writeOne(next);
      }
    }
  }

  private void writeOne(Finished finished) throws IOException {
    LineAnswer answer;
    try {
      answer = finished.answer.get();
    } catch (EngineLostException e) {
      throw e;
    } catch (RuntimeException e) {
      answer = LineAnswer.internal(e);
    }
    progress.clear();
    results.write(new Result(finished.key, style.fingerprint, finished.customId, answer));
    tally.onResult(answer, System.nanoTime() - finished.startNanos);
    window.leave(finished.line);
    results.settle(window.frontier(), false);
    drawProgress();
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
