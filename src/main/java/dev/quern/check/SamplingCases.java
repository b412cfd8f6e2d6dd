package dev.quern.check;

import dev.quern.backend.Batch;
import dev.quern.backend.BatchLimits;
import dev.quern.backend.Sampling;
import dev.quern.backend.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** From logits to tokens: masks, penalties, log-probabilities, the next step's tokens. */
final class SamplingCases {
  private static final int WIDTH = 8;

  private SamplingCases() {}

  static List<OpCases.Case> all() {
    List<OpCases.Case> cases = new ArrayList<>();
    for (int vocabulary : new int[] {63, 1000, 32003}) {
      cases.add(new OpCases.Case("maskLogits V " + vocabulary, side -> masks(side, vocabulary)));
      cases.add(
          new OpCases.Case("applyPenalties V " + vocabulary, side -> penalties(side, vocabulary)));
      cases.add(new OpCases.Case("logprobs V " + vocabulary, side -> logprobs(side, vocabulary)));
      cases.add(
          new OpCases.Case(
              "logprobs of a prompt V " + vocabulary, side -> promptLogprobs(side, vocabulary)));
    }
    cases.add(new OpCases.Case("feedTokens", SamplingCases::feedTokens));
    return cases;
  }

  /** Rows that ask for nothing. */
  static Batch neutral(Side side, int rows, int sampled) {
    Batch batch = side.backend.batch(new BatchLimits(rows, rows, 1, WIDTH));
    batch.tokens = rows;
    batch.sequences = rows;
    batch.sampledRows = sampled;
    batch.logits = rows;
    for (int r = 0; r < rows; r++) {
      batch.feedRows[r] = -1;
      batch.slots[r] = -1;
      batch.kvLengths[r] = 1;
      batch.seqStarts[r + 1] = r + 1;
      batch.logitRows[r] = r;
    }
    batch.sampling.switchOff();
    return batch;
  }

  private static void masks(Side side, int vocabulary) {
    int rows = 4;
    Tensor logits = side.logits(rows, vocabulary, side.values.uniform(rows * vocabulary, 9));
    Batch batch = neutral(side, rows, rows);
    Sampling s = batch.sampling;
    s.allowed[1] = new long[(vocabulary + 63) / 64];
    for (int i = 0; i < vocabulary / 2; i++) {
      int id = side.values.below(vocabulary);
      s.allowed[1][id >> 6] |= 1L << id;
    }
    s.banned[1] = new int[] {0, vocabulary - 1, 5};
    s.biasIds[1] = new int[] {7, vocabulary - 2};
    s.biasValues[1] = new float[] {-3, 50};
    s.banned[3] = new int[] {1};
    s.biasIds[0] = new int[] {2};
    s.biasValues[0] = new float[] {1.5f};
    side.backend.upload(batch);
    side.ops.maskLogits(logits, batch);
  }

  private static void penalties(Side side, int vocabulary) {
    int rows = 5;
    Tensor logits = side.logits(rows, vocabulary, side.values.uniform(rows * vocabulary, 9));
    Batch batch = neutral(side, rows, rows);
    Sampling s = batch.sampling;
    float[][] penalties = {{1.3f, 0, 0}, {1, 0, 0}, {0.8f, 0.5f, 0.25f}, {1, -0.5f, 0}, {1, 0, 1}};
    for (int r = 0; r < rows; r++) {
      int length = 1 + side.values.below(300);
      s.history[r] = new int[length];
      for (int i = 0; i < length; i++) {
        s.history[r][i] = side.values.below(vocabulary);
      }
      s.historyLength[r] = length;
      s.promptLength[r] = side.values.below(length);
      s.repetitionPenalty[r] = penalties[r][0];
      s.frequencyPenalty[r] = penalties[r][1];
      s.presencePenalty[r] = penalties[r][2];
    }
    side.backend.upload(batch);
    // Twice: the marks of the first must not be seen by the second.
    side.ops.applyPenalties(logits, batch);
    side.ops.applyPenalties(logits, batch);
  }

  private static void logprobs(Side side, int vocabulary) {
    int rows = 6;
    float[] values = side.values.uniform(rows * vocabulary, 9);
    values[vocabulary - 1] = values[3] = 10; // equals: the lower id first
    Tensor logits = side.logits(rows, vocabulary, values);
    Batch batch = neutral(side, rows, rows);
    Sampling s = batch.sampling;
    int[] wanted = {WIDTH, -1, 0, 5, -2, 1};
    System.arraycopy(wanted, 0, s.logprobs, 0, rows);
    s.biasIds[3] = new int[] {11};
    s.biasValues[3] = new float[] {100}; // chosen, though far from the best of the raw logits
    side.backend.upload(batch);
    side.ops.logprobs(logits, batch, 0);
    side.ops.maskLogits(logits, batch);
    side.ops.sample(logits, batch);
    side.ops.chosenLogprobs(batch);
    side.backend.await(batch);
    note(side, s, 0, rows, true);
  }

  private static void promptLogprobs(Side side, int vocabulary) {
    int rows = 7;
    int sampled = 2;
    float[] values = side.values.uniform((rows - sampled) * vocabulary, 9);
    Tensor logits = side.logits(rows - sampled, vocabulary, values);
    Batch batch = neutral(side, rows, sampled);
    Sampling s = batch.sampling;
    for (int r = sampled; r < rows; r++) {
      s.logprobs[r] = r == rows - 1 ? -2 : r;
      s.targets[r] = side.values.below(vocabulary);
    }
    side.backend.upload(batch);
    side.ops.logprobs(logits, batch, sampled);
    float[] other = side.values.uniform(sampled * vocabulary, 9);
    Tensor last = side.backend.logits(sampled, vocabulary);
    side.backend.write(last, other);
    side.ops.sample(last, batch);
    side.ops.chosenLogprobs(batch);
    side.backend.await(batch);
    note(side, s, sampled, rows, false);
  }

  private static void note(Side side, Sampling s, int from, int to, boolean tokens) {
    for (int r = from; r < to; r++) {
      if (tokens) {
        side.note(new int[] {s.nextTokens[r]});
      }
      if (s.logprobs[r] == -1) {
        continue;
      }
      side.note(new int[] {s.chosenRank[r]});
      side.note(new float[] {s.chosenLogprob[r]});
      int count = Math.max(0, s.logprobs[r]);
      side.note(Arrays.copyOfRange(s.topIds, r * WIDTH, r * WIDTH + count));
      side.note(Arrays.copyOfRange(s.topLogprobs, r * WIDTH, r * WIDTH + count));
      if (s.logprobs[r] == -2) {
        side.note(s.allLogprobs[r]);
      }
    }
  }

  private static void feedTokens(Side side) {
    int rows = 9;
    int vocabulary = 50;
    Tensor logits = side.logits(rows, vocabulary, side.values.uniform(rows * vocabulary, 9));
    Batch before = neutral(side, rows, rows);
    side.backend.upload(before);
    side.ops.sample(logits, before);
    side.ops.chosenLogprobs(before);
    Batch batch = OpCases.batch(side, rows, vocabulary);
    for (int r = 0; r < rows; r += 2) {
      batch.feedRows[r] = side.values.below(rows);
    }
    side.backend.upload(batch);
    side.ops.feedTokens(batch, before);
    side.ops.embed(side.output(rows, 24), side.weight(vocabulary, 24), 1, batch);
  }
}
