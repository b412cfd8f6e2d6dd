package dev.quern.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;

/**
 * What must hold after every call of a scheduler, checked from outside. It keeps its own picture of
 * the KV cache: the prefix that each slot's key and value stand for, written as the plans say.
 */
final class Invariants {
  /** Content of a slot whose token is still in flight. */
  private static final long PENDING = 0x7E57;

  private final Scheduler scheduler;
  private final ScheduleLimits limits;

  /** For each slot a hash of all ids up to and including its own; 0 = never written. */
  private final long[] content;

  Invariants(Scheduler scheduler, ScheduleLimits limits) {
    this.scheduler = scheduler;
    this.limits = limits;
    content = new long[scheduler.pool().maxBlocks() * limits.blockTokens()];
  }

  /** Each block is free xor owned, by as many as its count says, and the counts add up. */
  void checkBlocks(List<Sequence> sequences) {
    BlockPool pool = scheduler.pool();
    int[] owners = new int[pool.maxBlocks()];
    for (Sequence sequence : sequences)
      for (int i = 0; i < sequence.blockCount(); i++) owners[sequence.blocks()[i]]++;
    int free = 0;
    int backed = pool.size();
    for (int block = 0; block < owners.length; block++) {
      if (owners[block] != pool.references(block))
        assertEquals(owners[block], pool.references(block), "owners of block " + block);
      if (owners[block] == 0 && block < pool.size()) free++;
      if (owners[block] > 0 && block >= backed) backed = block + 1;
    }
    assertEquals(free, pool.free());
    assertEquals(backed, pool.backedBlocks());
  }

  void checkSequence(Sequence s) {
    assertTrue(s.computed() <= s.planned, "computed ≤ planned");
    assertTrue(s.planned <= s.known() + s.pending, "planned ≤ known + pending");
    assertTrue(s.known() + s.pending <= s.maxLength, "no token past the length");
    assertTrue(s.pending <= limits.lookAhead() + 1, "tokens in flight");
    assertTrue(s.blockCount() * limits.blockTokens() >= s.planned, "a slot for every token");
    if (s.end() != null && s.inFlightSteps == 0)
      assertEquals(0, s.blockCount(), "ended: no blocks");
    if (s.end() != null && s.inFlightSteps > 0) assertTrue(s.blockCount() > 0, "in flight: owned");
  }

  /**
   * The plan keeps to its limits, writes no slot twice and none that an earlier owner reads;
   * afterwards every sequence of it finds its own prefix in its slots.
   */
  void checkPlan(StepPlan plan) {
    assertTrue(plan.tokens <= limits.maxTokens(), "budget");
    assertTrue(plan.sequenceCount <= limits.maxSequences());
    boolean[] inStep = new boolean[content.length];
    int tokens = 0;
    int sampled = 0;
    for (int i = 0; i < plan.sequenceCount; i++) {
      Sequence s = plan.sequences[i];
      int end = plan.starts[i] + plan.counts[i];
      assertTrue(plan.counts[i] > 0);
      assertEquals(end, s.planned);
      tokens += plan.counts[i];
      if (plan.sampledRows[i] >= 0) assertEquals(sampled++, plan.sampledRows[i]);
      assertEquals(end > s.known(), plan.feedRows[i] >= 0, "an id in flight is fed by its row");
      for (int position = plan.starts[i]; position < end; position++) {
        int slot = slot(s, position);
        assertFalse(inStep[slot], "slot written twice in a step");
        inStep[slot] = true;
        int block = slot / limits.blockTokens();
        int others = scheduler.pool().references(block) - 1 - laterOwners(plan, i, block);
        assertEquals(0, others, "a block that is written is shared only with later admissions");
        content[slot] = position < s.known() ? prefixHash(s, position) : PENDING;
      }
    }
    assertEquals(plan.tokens, tokens);
    assertEquals(plan.sampledCount, sampled);
    for (int i = 0; i < plan.sequenceCount; i++) checkContent(plan.sequences[i]);
  }

  private static int laterOwners(StepPlan plan, int i, int block) {
    int owners = 0;
    for (int j = i + 1; j < plan.sequenceCount; j++) {
      Sequence s = plan.sequences[j];
      for (int b = 0; b < s.blockCount(); b++) if (s.blocks()[b] == block) owners++;
    }
    return owners;
  }

  /** All that a sequence will read is there, whoever wrote it. */
  private void checkContent(Sequence s) {
    long hash = start(s);
    for (int position = 0; position < Math.min(s.planned, s.known()); position++) {
      hash = extend(hash, s.tokens()[position]);
      int slot = slot(s, position);
      if (content[slot] == PENDING) content[slot] = hash;
      if (hash != content[slot])
        assertEquals(hash, content[slot], "slot of position " + position + " holds another prefix");
    }
  }

  private static long prefixHash(Sequence s, int position) {
    long hash = start(s);
    for (int i = 0; i <= position; i++) hash = extend(hash, s.tokens()[i]);
    return hash;
  }

  private static long start(Sequence s) {
    byte[] salt = ((Trace.Owner) s.owner()).salt();
    return salt == null ? 1 : 1000 + salt[0];
  }

  private static long extend(long hash, int token) {
    return (hash ^ token) * 0x9E3779B97F4A7C15L + 0x632BE59BD9B4E019L;
  }

  private int slot(Sequence s, int position) {
    return s.blocks()[position / limits.blockTokens()] * limits.blockTokens()
        + position % limits.blockTokens();
  }

  void checkEmpty() {
    assertEquals(0, scheduler.running());
    assertEquals(0, scheduler.waiting());
    assertEquals(0, scheduler.inFlight());
    assertEquals(scheduler.pool().size(), scheduler.pool().free(), "no block leaks");
  }

  /** The output is what the trace's rule makes of the prompt, whatever the steps were. */
  void checkOutput(Sequence s) {
    int[] expected = ((Trace.Owner) s.owner()).expected();
    assertNotNull(s.end());
    if (s.end() != Sequence.End.FINISHED) assertEquals(expected.length, s.known());
    assertArrayEquals(
        Arrays.copyOf(expected, s.known()), Arrays.copyOf(s.tokens(), s.known()), "output");
  }
}
