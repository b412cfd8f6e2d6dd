package dev.quern.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.engine.Delta;
import dev.quern.engine.SamplingParams;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Phases and reports on an engine whose steps are known. */
class BenchTest {
  private static final Limits LIMITS = new Limits(1e9, 1e10, "");

  private static BatchTiming timing(FakeEngine engine, int sequences, int outputs)
      throws Exception {
    SamplingParams params = SamplingParams.builder().maxTokens(outputs).build();
    return BatchTiming.run(engine, RandomPrompts.of(sequences, 20, 100, 1), params);
  }

  @Test
  void prefillAndDecodeAreToldApart() throws Exception {
    FakeEngine engine = new FakeEngine(4, 4);
    ModelCost cost = engine.target(new ArrayList<>()).cost();
    BatchTiming timing = timing(engine, 4, 10);
    Phase prefill = timing.prefill(cost, 64, LIMITS);
    assertEquals(80, prefill.tokens());
    assertEquals(2, prefill.steps()); // 80 tokens at 64 a step
    assertEquals(
        cost.prompt(20).times(4).plus(cost.weights(2)).flops(), prefill.work().flops(), 1e-3);
    Phase decode = timing.decode(cost, LIMITS);
    assertEquals(9, decode.steps());
    assertEquals(36, decode.tokens());
    Work work = cost.weights(9);
    for (int k = 0; k < 9; k++) work = work.plus(cost.decodeToken(20 + k).times(4));
    assertEquals(work.bytes(), decode.work().bytes(), 1e-3);
    assertTrue(prefill.seconds() > 0 && decode.seconds() > 0);
  }

  @Test
  void tokensOfEarlySequencesBelongToPrefill() throws Exception {
    FakeEngine engine = new FakeEngine(4, 1);
    ModelCost cost = engine.target(new ArrayList<>()).cost();
    BatchTiming timing = timing(engine, 4, 10);
    Phase prefill = timing.prefill(cost, 1000, LIMITS);
    assertEquals(2, prefill.steps());
    double all = cost.prompt(20).flops() * 4 + cost.decodeToken(20).flops();
    assertEquals(all, prefill.work().flops(), 1e-3);
    // From there until the early one's last token, one step before the others'.
    assertEquals(8, timing.decode(cost, LIMITS).steps());
  }

  /** Else one sequence could end before the last begins, and no step would have them all. */
  @Test
  void theEngineIsHeldUntilTheBatchIsSubmitted() throws Exception {
    CountDownLatch submitted = new CountDownLatch(1);
    TokenTimes times = new TokenTimes(1, submitted);
    Delta delta = new Delta(0, new int[] {7}, "", List.of(), null, null);
    Thread engine = Thread.ofPlatform().start(() -> times.onDelta(delta));
    assertFalse(engine.join(Duration.ofMillis(100)));
    submitted.countDown();
    engine.join();
    assertEquals(1, times.tokens);
  }

  @Test
  void oneTokenHasNoDecode() throws Exception {
    FakeEngine engine = new FakeEngine(1, 1);
    ModelCost cost = engine.target(new ArrayList<>()).cost();
    assertNull(timing(engine, 1, 1).decode(cost, LIMITS));
  }

  @Test
  void latencyReportsVllmsFieldsAndTheLimitsOfTheSameRun() throws Exception {
    List<Limits> measured = new ArrayList<>();
    BenchTarget target = new FakeEngine(2, 2).target(measured);
    LatencyReport report =
        LatencyBench.run(target, new LatencyBench.Options(16, 5, 2, 1, 3, 1, 0), null);
    assertEquals(4, measured.size()); // before, between and after three iterations
    Map<String, Object> json = report.json();
    assertTrue(
        json.keySet()
            .containsAll(
                List.of("avg_latency", "latencies", "percentiles", "prefill", "decode", "machine")),
        json.keySet().toString());
    assertEquals(3, ((double[]) json.get("latencies")).length);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    report.print(new PrintStream(text, true, StandardCharsets.UTF_8));
    String printed = text.toString(StandardCharsets.UTF_8);
    assertTrue(printed.startsWith("Avg latency: "), printed);
    assertTrue(printed.contains("99% percentile latency: "), printed);
    assertTrue(printed.contains("Decode: 8 tokens in 4 steps"), printed);
    assertTrue(printed.contains("of the slower limit ("), printed);
  }

  @Test
  void throughputWaitsWhereTheQueueIsFull() throws Exception {
    FakeEngine engine = new FakeEngine(4, 4);
    ThroughputReport report =
        ThroughputBench.run(
            engine.target(new ArrayList<>()), new ThroughputBench.Options(12, 16, 3, 1, 0));
    assertEquals(12 * 16, report.totals().promptTokens());
    assertEquals(36, report.totals().outputTokens());
    assertEquals(3 * 4, report.totals().steps());
    Map<String, Object> json = report.json();
    assertEquals(12, json.get("num_requests"));
    assertEquals(12L * 19, json.get("total_num_tokens"));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    report.print(new PrintStream(text, true, StandardCharsets.UTF_8));
    assertTrue(text.toString(StandardCharsets.UTF_8).startsWith("Throughput: "));
  }

  @Test
  void promptsAreTheSameForTheSameSeed() {
    assertArrayEquals(RandomPrompts.of(2, 9, 50, 3).get(1), RandomPrompts.of(2, 9, 50, 3).get(1));
    assertNotEquals(
        List.of(RandomPrompts.of(1, 9, 50, 3).getFirst()[0], 0),
        List.of(RandomPrompts.of(1, 9, 50, 4).getFirst()[0], 0));
  }
}
