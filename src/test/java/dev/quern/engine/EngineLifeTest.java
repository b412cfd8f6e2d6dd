package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancelling, failing, closing, waiting. */
@Timeout(300)
final class EngineLifeTest {
  private static final int[] PROMPT = {10, 11, 12, 13};

  private static SamplingParamsBuilder longRun() {
    return SamplingParams.builder().seed(1L).ignoreEos(true).maxTokens(70);
  }

  /** Lets the engine's thread through one token at a time. */
  private static final class Gate implements GenerationListener {
    private final FakeEngine.Recorder recorder = new FakeEngine.Recorder();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    @Override
    public void onDelta(Delta delta) {
      recorder.onDelta(delta);
      reached.countDown();
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void onDone(GenerationResult result) {
      recorder.onDone(result);
    }

    @Override
    public void onError(RuntimeException error) {
      recorder.onError(error);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void cancelEndsOneRequestAndNoOther(int lookAhead) throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.lookAhead = lookAhead;
    fake.maxNumSeqs = 2;
    try (Engine engine = fake.start()) {
      Gate gate = new Gate();
      Generation running = engine.submit(FakeEngine.request(PROMPT, longRun()), gate);
      gate.reached.await();
      Generation other = engine.submit(FakeEngine.request(PROMPT, longRun()), null);
      FakeEngine.Recorder waitingSees = new FakeEngine.Recorder();
      Generation waiting = engine.submit(FakeEngine.request(PROMPT, longRun().n(5)), waitingSees);
      running.cancel();
      running.cancel();
      waiting.cancel();
      gate.open.countDown();

      GenerationResult.Output cut = running.await().outputs().getFirst();
      assertEquals(FinishReason.ABORT, cut.finish());
      int[] whole = fake.reference(running.request(), 1).tokens;
      assertTrue(cut.tokens().length < 4 && cut.tokens().length > 0);
      assertArrayEquals(Arrays.copyOf(whole, cut.tokens().length), cut.tokens());
      assertEquals(FinishReason.ABORT, gate.recorder.deltas.getLast().finish());
      assertSame(running.await(), gate.recorder.results.getFirst());

      assertEquals(5, waiting.await().outputs().size());
      for (GenerationResult.Output output : waiting.await().outputs())
        assertEquals(FinishReason.ABORT, output.finish());
      assertEquals(1, waitingSees.results.size());
      EngineTokensTest.check(fake, other.await());
      running.cancel();
      assertEquals(0, FakeEngine.idle(engine).running());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void whenAStepThrowsEverybodyIsTold(int lookAhead) {
    FakeEngine fake = new FakeEngine();
    fake.lookAhead = lookAhead;
    fake.maxNumSeqs = 1;
    try (Engine engine = fake.start()) {
      fake.model.stepsLeft = 5;
      Gate gate = new Gate();
      FakeEngine.Recorder first = gate.recorder;
      FakeEngine.Recorder second = new FakeEngine.Recorder();
      Generation a = engine.submit(FakeEngine.request(PROMPT, longRun()), gate);
      Generation b = engine.submit(FakeEngine.request(PROMPT, longRun()), second);
      gate.open.countDown();
      EngineLostException lost = assertThrows(EngineLostException.class, a::await);
      assertTrue(lost.getMessage().contains("the device broke"), lost.getMessage());
      assertThrows(EngineLostException.class, b::await);
      assertEquals(List.of(1, 1), List.of(first.errors.size(), second.errors.size()));
      assertFalse(first.deltas.isEmpty());
      assertThrows(
          EngineLostException.class,
          () -> engine.submit(FakeEngine.request(PROMPT, longRun()), null));
      assertFalse(engine.isAlive());
    }
  }

  @Test
  void closingEndsWhatIsUnderWay() throws InterruptedException {
    Engine engine = new FakeEngine().start();
    Gate gate = new Gate();
    Generation running = engine.submit(FakeEngine.request(PROMPT, longRun()), gate);
    gate.reached.await();
    Generation waiting = engine.submit(FakeEngine.request(PROMPT, longRun()), null);
    Thread closer = Thread.startVirtualThread(engine::close);
    while (engine.isAlive()) Thread.onSpinWait();
    assertThrows(
        EngineLostException.class,
        () -> engine.submit(FakeEngine.request(PROMPT, longRun()), null));
    gate.open.countDown();
    assertThrows(EngineLostException.class, running::await);
    assertThrows(EngineLostException.class, waiting::await);
    closer.join();
    engine.close();
  }

  @Test
  void aFullQueueRefuses() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.maxNumSeqs = 2;
    fake.maxQueuedRequests = 3;
    try (Engine engine = fake.start()) {
      Gate gate = new Gate();
      List<Generation> taken = new ArrayList<>();
      taken.add(engine.submit(FakeEngine.request(PROMPT, longRun()), gate));
      gate.reached.await();
      for (int i = 0; i < 4; i++)
        taken.add(engine.submit(FakeEngine.request(PROMPT, longRun()), null));
      CapacityException full =
          assertThrows(
              CapacityException.class,
              () -> engine.submit(FakeEngine.request(PROMPT, longRun()), null));
      assertTrue(full.getMessage().contains("max_queued_requests"), full.getMessage());
      gate.open.countDown();
      for (Generation generation : taken) EngineTokensTest.check(fake, generation.await());
      EngineTokensTest.check(fake, FakeEngine.run(engine, PROMPT, longRun()));
    }
  }

  @Test
  void aListenerThatThrowsLosesItsRequestOnly() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    try (Engine engine = fake.start()) {
      GenerationListener broken =
          new GenerationListener() {
            @Override
            public void onDelta(Delta delta) {
              throw new IllegalStateException("broken pipe");
            }

            @Override
            public void onDone(GenerationResult result) {}

            @Override
            public void onError(RuntimeException error) {}
          };
      Generation a = engine.submit(FakeEngine.request(PROMPT, longRun().n(2)), broken);
      Generation b = engine.submit(FakeEngine.request(PROMPT, longRun()), null);
      assertEquals("broken pipe", assertThrows(IllegalStateException.class, a::await).getMessage());
      EngineTokensTest.check(fake, b.await());
      assertEquals(0, FakeEngine.idle(engine).running());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void anIdleEngineParks(int lookAhead) {
    FakeEngine fake = new FakeEngine();
    fake.lookAhead = lookAhead;
    try (Engine engine = fake.start()) {
      FakeEngine.run(engine, PROMPT, longRun());
      FakeEngine.idle(engine);
      Thread loop =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().equals("quern-engine"))
              .findFirst()
              .orElseThrow();
      while (loop.getState() != Thread.State.WAITING) Thread.onSpinWait();
      long steps = engine.stats().steps();
      loop.interrupt();
      FakeEngine.run(engine, PROMPT, longRun());
      assertTrue(engine.stats().steps() > steps);
      while (loop.getState() != Thread.State.WAITING) Thread.onSpinWait();
    }
  }

  @Test
  void timingAndCountersAddUp() {
    try (Engine engine = new FakeEngine().start()) {
      GenerationResult result = FakeEngine.run(engine, PROMPT, longRun().maxTokens(9));
      GenerationResult.Timing t = result.timing();
      assertTrue(t.submitted() <= t.scheduled() && t.scheduled() <= t.firstToken());
      assertTrue(t.firstToken() <= t.lastToken());
      EngineStats stats = FakeEngine.idle(engine);
      assertEquals(4, stats.promptTokens());
      assertEquals(9, stats.generationTokens());
      assertEquals(9, stats.steps());
      assertEquals(0, stats.kvUsage());
      assertEquals(200, stats.kvBlocks());
    }
  }
}
