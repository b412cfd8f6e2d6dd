package dev.quern.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides what each step runs. Not thread-safe: one thread plans and lands.
 *
 * <p>Design. There is no prefill and no decode, only sequences whose computed tokens catch up with
 * their known ones. A step has a budget of tokens: running sequences take from it first, in the
 * order they were admitted, then waiting ones as long as budget, places and blocks last. A waiting
 * sequence is admitted when all its known tokens' blocks can be had, less those that the prefix
 * index holds, and gets them at once; a prompt larger than the budget goes on in later steps. When
 * a running sequence needs a block and none is free, the one admitted last gives up its blocks,
 * goes back to the head of the waiting and is recomputed later, mostly out of the prefix cache.
 *
 * <p>Look-ahead. With 1, a step is planned while the one before is in flight: a sequence then has a
 * pending token, sampled but not known, and the plan feeds it by its row in that step. What a step
 * in flight writes to stays owned: a sequence that ended keeps its blocks, and one to be preempted
 * sits out a step, until its last step has landed. A token that lands after its sequence ended is
 * dropped.
 *
 * <p>Prefixes. A full block is entered in the index as soon as its ids are known and a step that
 * stores it is planned: steps run in order and a step stores all its keys before it reads them, so
 * that even sequences of the same step may share it (the n outputs of one prompt do). At least one
 * token is always computed, for there must be logits to sample from.
 *
 * <p>Invariants after each call: {@code computed ≤ planned ≤ known + pending ≤ maxLength}; a
 * sequence is waiting (no blocks), running, ended with steps in flight, or ended without blocks;
 * the blocks' reference counts are the number of tables they stand in; the tokens of a step are at
 * most the budget; no two rows of a step have one slot.
 *
 * <p>Source: the unified scheduler of vLLM V1.
 */
public final class Scheduler {
  private final ScheduleLimits limits;
  private final BlockPool pool;
  private final PrefixCache prefixes;
  private final StepPlan[] plans;
  private final List<Sequence> running = new ArrayList<>();
  private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();

  private long plannedSteps;
  private long landedSteps;
  private long preemptions;

  /**
   * @param maxBlocks reserved range of KV blocks
   * @param blocks how many of it may be used now; enough for one sequence of the greatest length
   */
  public Scheduler(ScheduleLimits limits, int maxBlocks, int blocks) {
    this.limits = limits;
    requireOneSequence(blocks);
    pool = new BlockPool(maxBlocks, blocks);
    prefixes = new PrefixCache(limits, pool);
    plans = new StepPlan[limits.lookAhead() + 1];
    for (int i = 0; i < plans.length; i++) plans[i] = new StepPlan(limits.maxSequences());
  }

  /** Puts a sequence at the end of the waiting. */
  public void add(Sequence sequence) {
    waiting.addLast(sequence);
  }

  /** Ends a sequence from outside, wherever it stands; one that has ended stays as it is. */
  public void finish(Sequence sequence) {
    if (sequence.end() != null) return;
    end(sequence, Sequence.End.FINISHED);
  }

  /** Plans the next step; an empty plan is not run and need not land. */
  public StepPlan plan() {
    if (plannedSteps - landedSteps > limits.lookAhead())
      throw new IllegalStateException(
          (plannedSteps - landedSteps) + " steps in flight, look-ahead is " + limits.lookAhead());
    StepPlan plan = plans[(int) (plannedSteps % plans.length)];
    plan.begin(plannedSteps);
    if (planRunning(plan) || running.isEmpty()) planWaiting(plan);
    if (!plan.isEmpty()) plannedSteps++;
    return plan;
  }

  /** False where blocks ran out, so that nothing may be admitted. */
  private boolean planRunning(StepPlan plan) {
    boolean enough = true;
    for (int i = 0; i < running.size() && plan.tokens < limits.maxTokens(); i++) {
      Sequence sequence = running.get(i);
      int count = Math.min(sequence.ready(), limits.maxTokens() - plan.tokens);
      if (count == 0) continue;
      int needed = limits.blocksFor(sequence.planned + count);
      while (needed - sequence.blockCount() > pool.free()) {
        enough = false;
        Sequence victim = running.getLast();
        if (victim.inFlightSteps > 0) return false;
        preempt(victim);
        if (victim == sequence) return false;
      }
      run(plan, sequence, count);
    }
    return enough;
  }

  private void planWaiting(StepPlan plan) {
    while (!waiting.isEmpty()
        && plan.tokens < limits.maxTokens()
        && running.size() < limits.maxSequences()) {
      Sequence sequence = waiting.peekFirst();
      int hits = prefixes.find(sequence);
      int fresh = limits.blocksFor(sequence.known()) - hits;
      int hitTokens = hits * limits.blockTokens();
      int budget = limits.maxTokens() - plan.tokens;
      if (fresh > pool.free() - prefixes.free(hits)) return;
      if (!limits.chunkedPrefill() && sequence.known() - hitTokens > budget) return;

      waiting.removeFirst();
      running.add(sequence);
      prefixes.share(sequence, hits);
      sequence.admitted(hitTokens);
      for (int i = 0; i < fresh; i++) sequence.addBlock(pool.take());
      run(plan, sequence, Math.min(sequence.ready(), budget));
    }
  }

  private void run(StepPlan plan, Sequence sequence, int count) {
    int needed = limits.blocksFor(sequence.planned + count);
    while (sequence.blockCount() < needed) sequence.addBlock(pool.take());
    plan.add(sequence, count);
    prefixes.enterFull(sequence);
  }

  private void preempt(Sequence victim) {
    running.removeLast();
    releaseBlocks(victim);
    victim.reset();
    waiting.addFirst(victim);
    preemptions++;
  }

  /**
   * Takes the tokens of the oldest step in flight.
   *
   * @param tokens one per sampled row
   */
  public void land(StepPlan plan, int[] tokens) {
    if (plan.isEmpty() || plan.step != landedSteps)
      throw new IllegalStateException("step " + landedSteps + " lands next, not " + plan.step);
    landedSteps++;
    for (int i = 0; i < plan.sequenceCount; i++) {
      Sequence sequence = plan.sequences[i];
      sequence.inFlightSteps--;
      sequence.computed = plan.starts[i] + plan.counts[i];
      if (plan.sampledRows[i] >= 0) {
        sequence.pending--;
        if (sequence.end() == null) accept(plan, i, tokens[plan.sampledRows[i]]);
      }
      if (sequence.end() != null) releaseIfDone(sequence);
    }
  }

  private void accept(StepPlan plan, int i, int token) {
    Sequence sequence = plan.sequences[i];
    plan.accepted[i] = true;
    Sequence.End reason = sequence.append(token);
    if (reason == null) {
      prefixes.enterFull(sequence);
    } else {
      end(sequence, reason);
    }
  }

  private void end(Sequence sequence, Sequence.End reason) {
    if (!running.remove(sequence)) waiting.remove(sequence);
    sequence.end(reason);
    releaseIfDone(sequence);
  }

  private void releaseIfDone(Sequence sequence) {
    if (sequence.inFlightSteps > 0 || sequence.blockCount() == 0) return;
    releaseBlocks(sequence);
    sequence.reset();
  }

  /** Last blocks first: they are the first to be forgotten. */
  private void releaseBlocks(Sequence sequence) {
    for (int i = sequence.blockCount() - 1; i >= 0; i--) pool.release(sequence.blocks()[i]);
  }

  /**
   * Moves the pool's end to {@code blocks}, between steps. {@link BlockPool#backedBlocks} says when
   * the memory past it may go.
   */
  public void resize(int blocks) {
    requireOneSequence(blocks);
    pool.resize(blocks);
  }

  /** Forgets every cached prefix, as when the weights have changed. */
  public void resetPrefixCache() {
    pool.forgetPrefixes();
  }

  private void requireOneSequence(int blocks) {
    int least = limits.blocksFor(limits.maxLength());
    if (blocks < least)
      throw new IllegalArgumentException(
          blocks
              + " KV blocks do not hold one sequence of "
              + limits.maxLength()
              + " tokens, which takes "
              + least);
  }

  public BlockPool pool() {
    return pool;
  }

  public int running() {
    return running.size();
  }

  public int waiting() {
    return waiting.size();
  }

  /** Steps planned and not landed. */
  public int inFlight() {
    return (int) (plannedSteps - landedSteps);
  }

  public long landedSteps() {
    return landedSteps;
  }

  public long preemptions() {
    return preemptions;
  }

  /** Tokens looked up in the prefix index, counted at the first admission. */
  public long prefixQueryTokens() {
    return prefixes.queryTokens();
  }

  /** Of those, the tokens found. */
  public long prefixHitTokens() {
    return prefixes.hitTokens();
  }
}
