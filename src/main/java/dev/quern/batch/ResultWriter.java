package dev.quern.batch;

import dev.quern.engine.EngineLostException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A {@link Flow}'s last part: builds and writes results, on the caller's thread.
 *
 * <p>The queue before it has no bound of its own, the {@link Window} has one, so the engine's
 * thread never waits, not for a slow disk either. The first result is written at once; after it
 * those of some milliseconds are written together, since on a CPU the engine has all cores, and
 * each wake-up takes one from it.
 *
 * <p>Results are written in the order they are finished: none waits for a longer one, so a place is
 * free again at once and the engine stays full. In input order they are held back until their turn,
 * within the same window.
 */
final class ResultWriter {
  private static final long TICK_MILLIS = 50;

  /** What is finished in such a time is written together. */
  private static final long GATHER_NANOS = 10_000_000;

  /** So many results are written before places are given back. */
  private static final int MAX_WRITES = 64;

  /**
   * @param answer builds it, on the writer's thread
   */
  record Finished(Ready line, long startNanos, Supplier<LineAnswer> answer) {}

  private static final Finished END = new Finished(null, 0, null);

  private final Results results;
  private final Tally tally;
  private final Progress progress;
  private final Window window;
  private final Flow.Style style;
  private final Runnable drawProgress;
  private final LinkedBlockingQueue<Finished> queue = new LinkedBlockingQueue<>();
  private final int gatherLines;
  private volatile Thread gathering;

  /** Results that came before their turn, by index; used with {@link Flow.Style#ordered} only. */
  private final Map<Long, Finished> held = new HashMap<>();

  private long nextIndex;

  /**
   * @param drawProgress run often
   */
  ResultWriter(
      Results results,
      Tally tally,
      Progress progress,
      Window window,
      Flow.Style style,
      Runnable drawProgress) {
    this.results = results;
    this.tally = tally;
    this.progress = progress;
    this.window = window;
    this.style = style;
    this.drawProgress = drawProgress;
    gatherLines = Math.min(MAX_WRITES, Room.part(window.maxLines()));
  }

  /** From any thread. */
  void add(Finished finished) {
    queue.add(finished);
    Thread thread = gathering;
    if (thread != null && queue.size() >= gatherLines) LockSupport.unpark(thread);
  }

  /** No result that comes after this is written. From any thread. */
  void end() {
    queue.add(END);
    LockSupport.unpark(gathering);
  }

  /** Returns once the end has come. */
  void run() throws IOException, InterruptedException {
    List<Finished> finished = new ArrayList<>();
    List<Ready> written = new ArrayList<>();
    while (true) {
      Finished first = queue.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) finished.add(first);
      queue.drainTo(finished, MAX_WRITES - finished.size());
      int end = finished.indexOf(END);
      for (Finished next : end < 0 ? finished : finished.subList(0, end))
        for (Finished due : due(next)) {
          writeOne(due);
          written.add(due.line);
          results.settle(window.frontier(), false);
        }
      window.leave(written);
      if (end >= 0) return;
      boolean more = finished.size() == MAX_WRITES;
      finished.clear();
      written.clear();
      if (first == null) results.settle(window.frontier(), false);
      drawProgress.run();
      if (first != null && !more) gather();
    }
  }

  /** Waits a little for more, unless that holds up the reader or there is no more. */
  private void gather() {
    gathering = Thread.currentThread();
    if (queue.size() < gatherLines && window.lines() > 0) LockSupport.parkNanos(this, GATHER_NANOS);
    gathering = null;
  }

  /** What can be written with it: in input order those whose turn it is, else itself. */
  private List<Finished> due(Finished finished) {
    if (!style.ordered()) return List.of(finished);
    held.put(finished.line.index(), finished);
    List<Finished> due = new ArrayList<>();
    for (Finished next; (next = held.remove(nextIndex)) != null; nextIndex++) due.add(next);
    return due;
  }

  private void writeOne(Finished finished) throws IOException {
    Ready line = finished.line;
    LineAnswer answer;
    try {
      answer = finished.answer.get();
    } catch (EngineLostException e) {
      throw e;
    } catch (RuntimeException e) {
      answer = LineAnswer.internal(e);
    }
    progress.clear();
    results.write(new Result(line.key(), style.fingerprint(), line.customId(), answer));
    tally.onResult(answer, System.nanoTime() - finished.startNanos);
  }
}
