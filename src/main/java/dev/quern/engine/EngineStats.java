package dev.quern.engine;

import dev.quern.schedule.Scheduler;

/**
 * An engine's gauges and counters after a step.
 *
 * @param running outputs that run
 * @param waiting outputs that have not started, or wait again after a preemption
 * @param kvBlocks blocks of the KV cache
 * @param kvBlocksUsed those that a running output owns
 * @param preemptions outputs that gave up their blocks, in all
 * @param prefixQueryTokens tokens looked up in the prefix cache, in all
 * @param prefixHitTokens those found, in all
 * @param promptTokens tokens of the prompts that started, in all
 * @param generationTokens output tokens, in all
 * @param steps steps run, in all
 */
public record EngineStats(
    int running,
    int waiting,
    int kvBlocks,
    int kvBlocksUsed,
    long preemptions,
    long prefixQueryTokens,
    long prefixHitTokens,
    long promptTokens,
    long generationTokens,
    long steps) {
  static EngineStats of(
      Scheduler scheduler, int outstanding, long promptTokens, long generationTokens) {
    int blocks = scheduler.pool().size();
    return new EngineStats(
        scheduler.running(),
        Math.max(scheduler.waiting(), outstanding - scheduler.running()),
        blocks,
        Math.max(0, blocks - scheduler.pool().free()),
        scheduler.preemptions(),
        scheduler.prefixQueryTokens(),
        scheduler.prefixHitTokens(),
        promptTokens,
        generationTokens,
        scheduler.landedSteps());
  }

  /** Both engines' together. */
  EngineStats plus(EngineStats other) {
    return new EngineStats(
        running + other.running,
        waiting + other.waiting,
        kvBlocks + other.kvBlocks,
        kvBlocksUsed + other.kvBlocksUsed,
        preemptions + other.preemptions,
        prefixQueryTokens + other.prefixQueryTokens,
        prefixHitTokens + other.prefixHitTokens,
        promptTokens + other.promptTokens,
        generationTokens + other.generationTokens,
        steps + other.steps);
  }

  /** With so many more outputs that wait. */
  EngineStats withQueued(int queued) {
    return new EngineStats(
        running,
        waiting + queued,
        kvBlocks,
        kvBlocksUsed,
        preemptions,
        prefixQueryTokens,
        prefixHitTokens,
        promptTokens,
        generationTokens,
        steps);
  }

  /** Share of the KV blocks in use, 0…1. */
  public double kvUsage() {
    return kvBlocks == 0 ? 0 : (double) kvBlocksUsed / kvBlocks;
  }
}
