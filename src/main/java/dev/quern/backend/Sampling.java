package dev.quern.backend;

import java.util.Arrays;

/**
 * What to do with each logit row of a step, and what came of it. Arrays are indexed by the row's
 * place in {@link Batch#logitRows}; those of the rows beyond {@link Batch#sampledRows} (prompt
 * logprobs) use only {@code logprobs} and {@code targets}.
 *
 * <p>Order of a sampled row, as in vLLM: raw logprobs, allowed ids, banned ids (bad words,
 * min_tokens), logit bias, repetition, frequency and presence penalties, then greedy, or
 * temperature, min_p, top_k, top_p, draw.
 */
public final class Sampling {
  /** The most alternatives a row may ask for: the width of {@link #topIds}. */
  public final int maxLogprobs;

  /** Below 1e-5: greedy. */
  public final float[] temperature;

  /** 0 = off. */
  public final int[] topK;

  public final float[] topP;
  public final float[] minP;

  /**
   * Key of the row's random numbers together with {@link #outputIndex}: the same key draws the same
   * number in any batch.
   */
  public final long[] seed;

  /** Index of the token to be drawn in its sequence's output. */
  public final int[] outputIndex;

  public final float[] repetitionPenalty;
  public final float[] frequencyPenalty;
  public final float[] presencePenalty;

  /**
   * Tokens of the row's sequence, prompt first; needed where a penalty is on, else may be null.
   * Read, never kept.
   */
  public final int[][] history;

  public final int[] promptLength;
  public final int[] historyLength;

  /** Bit set over the vocabulary of the ids allowed, or null for all. */
  public final long[][] allowed;

  /** Ids that must not be chosen, or null. */
  public final int[][] banned;

  /** Ids and what is added to their logits, or null. */
  public final int[][] biasIds;

  public final float[][] biasValues;

  /**
   * Alternatives wanted; 0 = only the chosen token's logprob; -1 = none; -2 = the whole vocabulary,
   * into {@link #allLogprobs}.
   */
  public final int[] logprobs;

  /** The id whose logprob is wanted: -1 = the one that is sampled. */
  public final int[] targets;

  /** Out: the token sampled. */
  public final int[] nextTokens;

  /** Out: log-probability of the chosen or target token under the raw logits. */
  public final float[] chosenLogprob;

  /** Out: 1 + the number of tokens with a higher raw logit. */
  public final int[] chosenRank;

  /** Out: [R × maxLogprobs] ids of the highest raw logits, best first, ties by lower id. */
  public final int[] topIds;

  /** Out: [R × maxLogprobs] their log-probabilities. */
  public final float[] topLogprobs;

  /** Out: the whole row [V] where {@code logprobs} is -2; allocated by the backend. */
  public final float[][] allLogprobs;

  Sampling(int rows, int maxLogprobs) {
    this.maxLogprobs = maxLogprobs;
    temperature = new float[rows];
    topK = new int[rows];
    topP = new float[rows];
    minP = new float[rows];
    seed = new long[rows];
    outputIndex = new int[rows];
    repetitionPenalty = new float[rows];
    frequencyPenalty = new float[rows];
    presencePenalty = new float[rows];
    history = new int[rows][];
    promptLength = new int[rows];
    historyLength = new int[rows];
    allowed = new long[rows][];
    banned = new int[rows][];
    biasIds = new int[rows][];
    biasValues = new float[rows][];
    logprobs = new int[rows];
    targets = new int[rows];
    nextTokens = new int[rows];
    chosenLogprob = new float[rows];
    chosenRank = new int[rows];
    topIds = new int[Math.multiplyExact(rows, maxLogprobs)];
    topLogprobs = new float[topIds.length];
    allLogprobs = new float[rows][];
  }

  /** Makes new rows ask for nothing: of some values zero, which all begin with, is not off. */
  public void switchOff() {
    Arrays.fill(topP, 1);
    Arrays.fill(repetitionPenalty, 1);
    Arrays.fill(logprobs, -1);
    Arrays.fill(targets, -1);
  }
}
