package dev.quern.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random traces of 10,000 steps with every invariant checked after each call. */
final class SchedulerTraceTest {
  @ParameterizedTest(name = "look-ahead {0}, chunked {1}, prefix {2}, budget {3}, blocks {4}")
  @CsvSource({
    "0, true, true, 24, 14",
    "1, true, true, 24, 14",
    "0, true, true, 200, 60",
    "1, true, true, 200, 60",
    "0, true, false, 24, 20",
    "1, true, false, 24, 20",
    "0, false, true, 100, 20",
    "1, false, true, 100, 20",
    "0, true, true, 1, 16",
    "1, true, true, 1, 16",
  })
  void invariantsHold(int lookAhead, boolean chunked, boolean prefix, int budget, int blocks) {
    ScheduleLimits limits = new ScheduleLimits(budget, 5, 100, 8, chunked, prefix, lookAhead);
    Trace trace = new Trace(42, limits, blocks);
    trace.run(10_000);

    assertTrue(trace.finished > (budget == 1 ? 100 : 1_000), "finished " + trace.finished);
    assertTrue(trace.cancelled > 50);
    assertTrue(trace.pastTheEnd > 5, "shrunk below owned blocks " + trace.pastTheEnd);
    assertEquals(lookAhead == 1, trace.dropped > 20, "dropped " + trace.dropped);
    if (blocks < 60 && budget > 1)
      assertTrue(trace.scheduler().preemptions() > 20, "" + trace.scheduler().preemptions());
    long hits = trace.scheduler().prefixHitTokens();
    assertEquals(prefix, hits > (blocks == 60 ? 1_000 : 50), "hits " + hits);
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void sameRequestsGiveTheSameSteps(int lookAhead) {
    ScheduleLimits limits = new ScheduleLimits(24, 5, 100, 8, true, true, lookAhead);
    Trace first = new Trace(7, limits, 16);
    Trace second = new Trace(7, limits, 16);
    first.run(1_000);
    second.run(1_000);
    assertEquals(first.log(), second.log());
  }
}
