package dev.quern.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A random life of a scheduler: requests with shared prefixes, cancels, a pool that grows and
 * shrinks; every invariant checked after every call. Tokens come from a rule over the ids before
 * them, so that each sequence's output is known beforehand.
 */
final class Trace {
  private static final int VOCABULARY = 50;
  private static final int EOS = 7;
  private static final int STOP = 11;

  /**
   * @param expected prompt and output as they come out when nobody cancels
   */
  record Owner(byte[] salt, int[] expected) {}

  private final Random random;
  private final ScheduleLimits limits;
  private final Scheduler scheduler;
  private final Invariants invariants;
  private final int maxBlocks;
  private final List<Sequence> live = new ArrayList<>();
  private final ArrayDeque<StepPlan> inFlight = new ArrayDeque<>();
  private final List<int[]> prompts = new ArrayList<>();
  private final StringBuilder log = new StringBuilder();
  int finished;
  int cancelled;
  int dropped;
  int pastTheEnd;

  Trace(long seed, ScheduleLimits limits, int maxBlocks) {
    random = new Random(seed);
    this.limits = limits;
    this.maxBlocks = maxBlocks;
    scheduler = new Scheduler(limits, maxBlocks, maxBlocks);
    invariants = new Invariants(scheduler, limits);
  }

  Scheduler scheduler() {
    return scheduler;
  }

  /** What each step ran, for comparing two lives. */
  String log() {
    return log.toString();
  }

  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      if (live.size() < 3 * limits.maxSequences() && random.nextInt(3) == 0) add();
      if (random.nextInt(25) == 0 && !live.isEmpty()) cancel();
      if (random.nextInt(40) == 0) resize();
      if (random.nextInt(400) == 0) scheduler.resetPrefixCache();
      step();
    }
    for (int i = 0; !live.isEmpty() || !inFlight.isEmpty(); i++) {
      if (i > 100_000) throw new AssertionError("sequences do not finish");
      step();
    }
    invariants.checkEmpty();
  }

  private void add() {
    int[] prompt = prompt();
    byte[] salt = random.nextInt(6) == 0 ? new byte[] {(byte) random.nextInt(2)} : null;
    StopRules rules =
        new StopRules(
            random.nextInt(5) == 0 ? new int[0] : new int[] {EOS},
            random.nextBoolean() ? new int[] {STOP} : new int[0],
            random.nextInt(4),
            4 + random.nextInt(60));
    Owner owner = new Owner(salt, expected(prompt, rules, limits.maxLength()));
    boolean promptLogprobs = random.nextInt(8) == 0;
    Sequence sequence =
        new Sequence(owner, prompt, rules, limits.maxLength(), salt, promptLogprobs);
    live.add(sequence);
    scheduler.add(sequence);
    check();
  }

  /** Half of the prompts go on from where an earlier one was cut. */
  private int[] prompt() {
    int length = 1 + random.nextInt(limits.maxLength() - 1);
    if (random.nextInt(3) > 0) length = 1 + length / 4;
    int[] prompt = random.ints(length, 0, VOCABULARY).toArray();
    if (!prompts.isEmpty() && random.nextBoolean()) {
      int[] earlier = prompts.get(random.nextInt(prompts.size()));
      System.arraycopy(earlier, 0, prompt, 0, Math.min(earlier.length, length));
    }
    prompts.add(prompt);
    if (prompts.size() > 20) prompts.removeFirst();
    return prompt;
  }

  private static int[] expected(int[] prompt, StopRules rules, int maxLength) {
    int[] all = Arrays.copyOf(prompt, Math.min(maxLength, prompt.length + rules.maxTokens()));
    for (int at = prompt.length; at < all.length; at++) {
      all[at] = next(all, at);
      if (rules.check(all[at], at + 1 - prompt.length) != null) return Arrays.copyOf(all, at + 1);
    }
    return all;
  }

  /** The token after {@code ids[0, count)}. */
  private static int next(int[] ids, int count) {
    long hash = 17;
    for (int i = 0; i < count; i++) hash = hash * 31 + ids[i];
    return (int) Long.remainderUnsigned(hash * 0x9E3779B97F4A7C15L >>> 7, VOCABULARY);
  }

  private void cancel() {
    Sequence victim = live.get(random.nextInt(live.size()));
    scheduler.finish(victim);
    scheduler.finish(victim);
    cancelled++;
    check();
    live.removeIf(this::isDone);
  }

  private void resize() {
    int least = limits.blocksFor(limits.maxLength());
    scheduler.resize(least + random.nextInt(maxBlocks - least + 1));
    if (scheduler.pool().backedBlocks() > scheduler.pool().size()) pastTheEnd++;
    check();
  }

  private void step() {
    StepPlan plan = scheduler.plan();
    check();
    if (plan.isEmpty()) {
      if (inFlight.isEmpty() && scheduler.waiting() + scheduler.running() > 0)
        throw new AssertionError("stuck with " + scheduler.waiting() + " waiting");
    } else {
      invariants.checkPlan(plan);
      inFlight.addLast(plan);
      for (int i = 0; i < plan.sequenceCount; i++)
        log.append(plan.starts[i]).append('+').append(plan.counts[i]).append(' ');
      log.append('\n');
    }
    // As the engine does: an empty plan lands what is in flight.
    int allowed = plan.isEmpty() ? 0 : limits.lookAhead();
    while (inFlight.size() > allowed) land(inFlight.removeFirst());
  }

  private void land(StepPlan plan) {
    int[] tokens = new int[plan.sampledCount];
    for (int i = 0; i < plan.sequenceCount; i++) {
      if (plan.sampledRows[i] < 0) continue;
      int[] expected = ((Owner) plan.sequences[i].owner()).expected();
      int at = plan.starts[i] + plan.counts[i];
      // What comes after a stop must be dropped, so anything goes there.
      tokens[plan.sampledRows[i]] = at < expected.length ? expected[at] : EOS;
    }
    scheduler.land(plan, tokens);
    for (int i = 0; i < plan.sequenceCount; i++)
      if (plan.sampledRows[i] >= 0 && !plan.accepted[i]) dropped++;
    check();
    live.removeIf(this::isDone);
  }

  private boolean isDone(Sequence sequence) {
    if (sequence.end() == null || sequence.inFlightSteps > 0) return false;
    invariants.checkOutput(sequence);
    finished++;
    return true;
  }

  private void check() {
    invariants.checkBlocks(live);
    for (Sequence sequence : live) invariants.checkSequence(sequence);
  }
}
