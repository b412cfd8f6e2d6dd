package dev.quern.bench;

import dev.quern.engine.Generation;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.Generator;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * One batch of prompts through an engine, and its prefill and decode told apart by when tokens
 * came: prefill lasts from the first sequence's schedule until every sequence has a token, decode
 * from there until one of them has its last, so that all of them are in each of its steps. An
 * engine may start on the first prompt before the last is there; it is held at its first token
 * until then, and tokens that some sequences get before others have one count as prefill's.
 */
final class BatchTiming {
  private final List<int[]> prompts;
  private final List<TokenTimes> times = new ArrayList<>();
  private final List<GenerationResult> results = new ArrayList<>();
  private final double seconds;

  private BatchTiming(Generator engine, List<int[]> prompts, SamplingParams params)
      throws InterruptedException {
    this.prompts = prompts;
    CountDownLatch submitted = new CountDownLatch(1);
    for (int i = 0; i < prompts.size(); i++)
      times.add(new TokenTimes(params.maxTokens(), submitted));
    List<Generation> generations = new ArrayList<>();
    long start = System.nanoTime();
    try {
      for (int i = 0; i < prompts.size(); i++)
        generations.add(
            engine.submit(new Request("bench-" + i, prompts.get(i), params, null), times.get(i)));
    } finally {
      submitted.countDown();
    }
    for (Generation generation : generations) results.add(generation.await());
    seconds = (System.nanoTime() - start) / 1e9;
  }

  static BatchTiming run(Generator engine, List<int[]> prompts, SamplingParams params)
      throws InterruptedException {
    return new BatchTiming(engine, prompts, params);
  }

  /** From the first submit to the last result. */
  double seconds() {
    return seconds;
  }

  /**
   * @param maxTokensPerStep the engine's token budget, for the number of steps
   */
  Phase prefill(ModelCost cost, int maxTokensPerStep, Limits limits) {
    long start = Long.MAX_VALUE;
    long end = Long.MIN_VALUE;
    for (int i = 0; i < times.size(); i++) {
      start = Math.min(start, results.get(i).timing().scheduled());
      end = Math.max(end, times.get(i).first());
    }
    int tokens = 0;
    int decodeSteps = 0;
    Work work = Work.NONE;
    for (int i = 0; i < times.size(); i++) {
      int prompt = prompts.get(i).length - results.get(i).cachedTokens();
      tokens += prompt;
      work = work.plus(cost.prompt(prompt));
      int decoded = times.get(i).countUntil(end) - 1;
      decodeSteps = Math.max(decodeSteps, decoded);
      for (int k = 0; k < decoded; k++)
        work = work.plus(cost.decodeToken(prompts.get(i).length + k));
    }
    int steps = Math.max(Math.ceilDiv(tokens, maxTokensPerStep), 1 + decodeSteps);
    return new Phase((end - start) / 1e9, tokens, steps, work.plus(cost.weights(steps)), limits);
  }

  /** Null where no step had all sequences decoding. */
  Phase decode(ModelCost cost, Limits limits) {
    long start = Long.MIN_VALUE;
    long end = Long.MAX_VALUE;
    for (TokenTimes t : times) {
      start = Math.max(start, t.first());
      end = Math.min(end, t.last());
    }
    if (end <= start) return null;
    // Tokens of one step come microseconds apart, so some lie on the wrong side of start and end:
    // the most that a sequence has between them is the number of steps.
    int steps = 0;
    for (TokenTimes t : times) steps = Math.max(steps, t.between(start, end));
    Work work = cost.weights(steps);
    for (int i = 0; i < times.size(); i++) {
      // The token that comes k-th is computed from the one before it, at position prompt + k - 1.
      int before = times.get(i).countUntil(start);
      for (int k = before; k < before + steps; k++)
        work = work.plus(cost.decodeToken(prompts.get(i).length + k - 1));
    }
    return new Phase((end - start) / 1e9, steps * times.size(), steps, work, limits);
  }
}
