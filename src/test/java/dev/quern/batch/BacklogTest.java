package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.batch.store.ResultId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much is handed to the engine, and in which order. */
@Timeout(20)
class BacklogTest {
  private record Fake(int sequences, long promptTokens, long outputTokens)
      implements Answerer.Work {
    @Override
    public void start(Consumer<Supplier<LineAnswer>> finished) {
      throw new UnsupportedOperationException();
    }
  }

  private static Ready line(int number, int sequences, long promptTokens, long outputTokens) {
    return new Ready(
        number,
        new ResultId(number, 0),
        0,
        "line-" + number,
        new Fake(sequences, promptTokens, outputTokens));
  }

  /** Those that the engine gets before anything of it has ended. */
  private static List<Long> taken(Backlog backlog, int wanted) throws InterruptedException {
    List<Long> taken = new ArrayList<>();
    while (taken.size() < wanted) taken.add(backlog.next().index());
    Thread waiter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    backlog.next();
                  } catch (InterruptedException e) {
                    // the test's end
                  }
                });
    while (waiter.getState() == Thread.State.RUNNABLE || waiter.getState() == Thread.State.NEW)
      Thread.onSpinWait();
    assertEquals(Thread.State.WAITING, waiter.getState(), "no more than " + wanted);
    waiter.interrupt();
    waiter.join();
    return taken;
  }

  @Test
  void theEngineHasASecondBatchInReserve() throws Exception {
    Backlog backlog = new Backlog(new LookAhead(3, 1000, 1000, true));
    for (int i = 0; i < 20; i++) backlog.add(line(i, 1, 10, 1));
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), taken(backlog, 6));
  }

  @Test
  void theEngineGetsMoreOnceAnEighthIsDone() throws Exception {
    Backlog backlog = new Backlog(new LookAhead(8, 1000, 1000, true));
    List<Ready> lines = new ArrayList<>();
    for (int i = 0; i < 40; i++) lines.add(line(i, 1, 10, 1));
    for (Ready line : lines) backlog.add(line);
    for (int i = 0; i < 16; i++) backlog.next();
    backlog.left(lines.get(3));
    assertEquals(List.of(), taken(backlog, 0));
    backlog.left(lines.get(0));
    assertEquals(List.of(16L, 17L), taken(backlog, 2));
  }

  @Test
  void allLinesGetThroughWhateverTheirSizesAre() throws Exception {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      Backlog backlog =
          new Backlog(
              new LookAhead(
                  1 + random.nextInt(9), 1 + random.nextInt(500), random.nextInt(500), true));
      List<Ready> lines = new ArrayList<>();
      for (int i = 0; i < 60; i++)
        lines.add(line(i, random.nextInt(4), random.nextInt(300), random.nextInt(300)));
      BlockingQueue<Ready> engine = new LinkedBlockingQueue<>();
      Thread reader =
          thread(
              () -> {
                for (Ready line : lines) backlog.add(line);
                backlog.end();
              });
      Thread starter =
          thread(
              () -> {
                for (Ready line; (line = backlog.next()) != null; ) engine.add(line);
              });
      Set<Long> left = new HashSet<>();
      while (left.size() < lines.size()) {
        Ready line = engine.take();
        left.add(line.index());
        backlog.left(line);
      }
      reader.join();
      starter.join();
    }
  }

  private interface Part {
    void run() throws InterruptedException;
  }

  private static Thread thread(Part part) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                part.run();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  @Test
  void longPromptsCountByTheirTokens() throws Exception {
    Backlog backlog = new Backlog(new LookAhead(50, 1000, 100_000, true));
    for (int i = 0; i < 20; i++) backlog.add(line(i, 1, 400, 1));
    assertEquals(List.of(0L, 1L, 2L), taken(backlog, 3));
  }

  @Test
  void oneLineOfManySequencesGoesAlone() throws Exception {
    Backlog backlog = new Backlog(new LookAhead(3, 1000, 1000, true));
    Ready large = line(0, 500, 5000, 1);
    backlog.add(large);
    backlog.add(line(1, 1, 1, 1));
    assertEquals(List.of(0L), taken(backlog, 1));
    assertTrue(backlog.isAlone(large));
    backlog.left(large);
    assertEquals(1, backlog.next().index());
    assertFalse(backlog.isAlone(large));
  }

  @Test
  void theLastLinesGoLongestFirst() throws Exception {
    for (boolean longestFirst : new boolean[] {true, false}) {
      Backlog backlog = new Backlog(new LookAhead(8, 1000, 1000, longestFirst));
      long[] lengths = {5, 90, 5, 700, 90};
      for (int i = 0; i < lengths.length; i++) backlog.add(line(i, 1, 1, lengths[i]));
      assertEquals(0, backlog.next().index(), "in order as long as more may come");
      backlog.end();
      List<Long> order = new ArrayList<>();
      for (Ready next; (next = backlog.next()) != null; ) order.add(next.index());
      assertEquals(longestFirst ? List.of(3L, 1L, 4L, 2L) : List.of(1L, 2L, 3L, 4L), order);
    }
  }

  @Test
  void theReaderWaitsWhenEnoughTokensWait() throws Exception {
    Backlog backlog = new Backlog(new LookAhead(2, 1000, 100, true));
    backlog.add(line(0, 1, 500, 500));
    backlog.add(line(1, 1, 500, 500)); // as many lines as run at once wait in any case
    Thread reader = thread(() -> backlog.add(line(2, 1, 1, 1)));
    while (reader.getState() != Thread.State.WAITING) Thread.onSpinWait();
    assertEquals(0, backlog.next().index());
    reader.join();
    backlog.stop();
    assertNull(backlog.next());
    assertFalse(backlog.add(line(3, 1, 1, 1)));
  }
}
