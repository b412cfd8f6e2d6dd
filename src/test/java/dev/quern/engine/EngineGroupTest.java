package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several engines behind one queue. */
@Timeout(300)
final class EngineGroupTest {
  private static final int[] PROMPT = {10, 11, 12, 13};

  private static SamplingParamsBuilder run(long seed) {
    return SamplingParams.builder().seed(seed).ignoreEos(true).maxTokens(40);
  }

  /** Stops the engine that tells it until {@link #open}; notes which threads told. */
  private static final class Gate implements GenerationListener, AutoCloseable {
    final CountDownLatch reached;
    final CountDownLatch open = new CountDownLatch(1);
    final Set<Thread> threads = new HashSet<>();
    final List<RuntimeException> errors = new ArrayList<>();

    Gate(int engines) {
      reached = new CountDownLatch(engines);
    }

    @Override
    public void onDelta(Delta delta) {
      synchronized (threads) {
        if (threads.add(Thread.currentThread())) reached.countDown();
      }
      try {
        open.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** So that a failed assertion leaves no engine that cannot end. */
    @Override
    public void close() {
      open.countDown();
    }

    @Override
    public void onDone(GenerationResult result) {}

    @Override
    public synchronized void onError(RuntimeException error) {
      errors.add(error);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void answersAreThoseOfOneEngine(int engines) throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.lookAhead = engines % 2;
    List<GenerationResult> expected;
    try (Engine one = fake.start()) {
      expected = results(one, 60);
    }
    try (EngineGroup group = fake.startGroup(engines)) {
      List<GenerationResult> actual = results(group, 60);
      for (int i = 0; i < 60; i++)
        assertArrayEquals(
            expected.get(i).outputs().getFirst().tokens(),
            actual.get(i).outputs().getFirst().tokens());
      EngineStats stats = group.stats();
      assertEquals(60 * 40, stats.generationTokens());
      assertEquals(60 * PROMPT.length, stats.promptTokens());
      assertEquals(engines * fake.kvBlocks, stats.kvBlocks());
      assertEquals(engines * fake.maxNumSeqs, group.settings().maxNumSeqs());
    }
  }

  /** Without seeds of their own: they are drawn in the order of submission. */
  private static List<GenerationResult> results(Generator engine, int count)
      throws InterruptedException {
    List<Generation> running = new ArrayList<>();
    for (int i = 0; i < count; i++)
      running.add(
          engine.submit(
              FakeEngine.request(PROMPT, SamplingParams.builder().ignoreEos(true).maxTokens(40)),
              null));
    List<GenerationResult> results = new ArrayList<>();
    for (Generation one : running) results.add(one.await());
    return results;
  }

  @Test
  void workGoesToAllEnginesAndWaitsInOneQueue() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.maxNumSeqs = 4; // 5 are given to an engine
    try (EngineGroup group = fake.startGroup(3);
        Gate gate = new Gate(3)) {
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 20; i++)
        running.add(group.submit(FakeEngine.request(PROMPT, run(i)), gate));
      gate.reached.await();
      assertTrue(group.stats().waiting() >= 5, "what no engine has room for waits");
      gate.open.countDown();
      for (Generation one : running) EngineTokensTest.check(fake, one.await());
      assertEquals(3, gate.threads.size());
    }
  }

  @Test
  void cancellingEndsWhatWaitsAndWhatRuns() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.maxNumSeqs = 1;
    try (EngineGroup group = fake.startGroup(2);
        Gate gate = new Gate(2)) {
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 10; i++)
        running.add(group.submit(FakeEngine.request(PROMPT, run(i)), gate));
      gate.reached.await();
      running.get(0).cancel();
      running.get(9).cancel();
      running.get(6).cancel();
      gate.open.countDown();
      for (int i : new int[] {0, 6, 9})
        assertEquals(FinishReason.ABORT, running.get(i).await().outputs().getFirst().finish());
      assertEquals(0, running.get(9).await().outputs().getFirst().tokens().length);
      for (int i : new int[] {1, 2, 3, 4, 5, 7, 8})
        EngineTokensTest.check(fake, running.get(i).await());
    }
  }

  @Test
  void oneBoundHoldsForAll() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.maxNumSeqs = 2;
    fake.maxQueuedRequests = 3;
    try (EngineGroup group = fake.startGroup(2);
        Gate gate = new Gate(2)) {
      List<Generation> taken = new ArrayList<>();
      for (int i = 0; i < 7; i++) taken.add(group.submit(FakeEngine.request(PROMPT, run(i)), gate));
      assertThrows(
          CapacityException.class, () -> group.submit(FakeEngine.request(PROMPT, run(8)), null));
      gate.open.countDown();
      for (Generation one : taken) EngineTokensTest.check(fake, one.await());
    }
  }

  @Test
  void closingFailsWhatWaitsAnywhere() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.maxNumSeqs = 1;
    EngineGroup group = fake.startGroup(2);
    Gate gate = new Gate(2);
    List<Generation> running = new ArrayList<>();
    for (int i = 0; i < 9; i++) running.add(group.submit(FakeEngine.request(PROMPT, run(i)), gate));
    gate.reached.await();
    Thread closer = Thread.ofPlatform().start(group::close);
    // It waits for the engines once it has told all of them.
    while (closer.getState() != Thread.State.WAITING) Thread.onSpinWait();
    assertFalse(group.isAlive());
    gate.open.countDown();
    closer.join();
    for (Generation one : running) assertThrows(EngineLostException.class, one::await);
    assertEquals(9, gate.errors.size());
    assertThrows(
        EngineLostException.class, () -> group.submit(FakeEngine.request(PROMPT, run(1)), null));
    group.close();
  }

  @Test
  void oneEngineLostIsTheGroupLost() throws InterruptedException {
    FakeEngine fake = new FakeEngine();
    fake.maxNumSeqs = 1;
    try (EngineGroup group = fake.startGroup(2);
        Gate gate = new Gate(2)) {
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < 9; i++)
        running.add(group.submit(FakeEngine.request(PROMPT, run(i)), gate));
      gate.reached.await();
      fake.model.stepsLeft = 3; // the second engine's
      gate.open.countDown();
      int done = 0;
      for (Generation one : running)
        try {
          EngineTokensTest.check(fake, one.await());
          done++;
        } catch (EngineLostException lost) {
          assertTrue(lost.getMessage().contains("the device broke"), lost.getMessage());
        }
      assertTrue(done > 0, "the other engine ends what it has");
      assertEquals(9 - done, gate.errors.size());
      assertFalse(group.isAlive());
      assertThrows(
          EngineLostException.class, () -> group.submit(FakeEngine.request(PROMPT, run(1)), null));
    }
  }
}
