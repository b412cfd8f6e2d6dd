package dev.quern.engine;

import dev.quern.backend.Sampling;
import dev.quern.schedule.Sequence;
import java.util.BitSet;
import java.util.Map;
import java.util.stream.IntStream;

/** An output's sampling parameters in the form that a step's rows take, made once. */
final class RowSettings {
  private static final int[] NO_IDS = {};

  private final SamplingParams params;
  private final long seed;
  private final long[] allowed;
  private final BadWords badWords;
  private final int[] banned;

  /** Before {@code minTokens}: {@link #banned} and everything that would end the output. */
  private final int[] bannedEarly;

  private final int[] biasIds;
  private final float[] biasValues;
  private final int logprobs;
  private final boolean penalties;

  /**
   * @param endIds all ids that could end the output, in the vocabulary
   * @param rowLogprobs the most alternatives a row has room for; more come from the whole row
   */
  RowSettings(
      SamplingParams params,
      long seed,
      int[] endIds,
      BadWords badWords,
      int vocabularySize,
      int rowLogprobs) {
    this.params = params;
    this.seed = seed;
    this.badWords = badWords;
    banned = badWords.single();
    bannedEarly = IntStream.concat(IntStream.of(banned), IntStream.of(endIds)).distinct().toArray();
    allowed = params.allowedTokenIds() == null ? null : bits(params, vocabularySize);
    Map<Integer, Float> bias = params.logitBias();
    biasIds = bias.isEmpty() ? null : bias.keySet().stream().mapToInt(id -> id).sorted().toArray();
    biasValues = biasIds == null ? null : new float[biasIds.length];
    for (int i = 0; biasIds != null && i < biasIds.length; i++)
      biasValues[i] = bias.get(biasIds[i]);
    logprobs = rowCode(params.logprobs(), rowLogprobs);
    penalties =
        params.repetitionPenalty() != 1
            || params.frequencyPenalty() != 0
            || params.presencePenalty() != 0;
  }

  private static long[] bits(SamplingParams params, int vocabularySize) {
    BitSet set = new BitSet(vocabularySize);
    for (int id : params.allowedTokenIds()) set.set(id);
    long[] bits = new long[(vocabularySize + 63) / 64];
    long[] used = set.toLongArray();
    System.arraycopy(used, 0, bits, 0, used.length);
    return bits;
  }

  /** The value of {@link Sampling#logprobs} for what a request asks. */
  static int rowCode(Integer wanted, int rowLogprobs) {
    if (wanted == null) return -1;
    return wanted == -1 || wanted > rowLogprobs ? -2 : wanted;
  }

  /** Whether {@link #fillHistory} needs the id of the last token. */
  boolean needsLastToken() {
    return penalties || badWords.looksBack();
  }

  /** Everything about a row that does not depend on the output's ids. */
  void fill(Sampling sampling, int row, int outputIndex) {
    sampling.temperature[row] = params.temperature();
    sampling.topK[row] = Math.max(0, params.topK());
    sampling.topP[row] = params.topP();
    sampling.minP[row] = params.minP();
    sampling.seed[row] = seed;
    sampling.outputIndex[row] = outputIndex;
    sampling.repetitionPenalty[row] = params.repetitionPenalty();
    sampling.frequencyPenalty[row] = params.frequencyPenalty();
    sampling.presencePenalty[row] = params.presencePenalty();
    sampling.history[row] = null;
    sampling.promptLength[row] = 0;
    sampling.historyLength[row] = 0;
    sampling.allowed[row] = allowed;
    sampling.banned[row] = bannedAt(outputIndex);
    sampling.biasIds[row] = biasIds;
    sampling.biasValues[row] = biasValues;
    sampling.logprobs[row] = logprobs;
    sampling.targets[row] = -1;
  }

  /** What depends on the output's ids, all known now. */
  void fillHistory(Sampling sampling, int row, Sequence sequence) {
    if (penalties) {
      sampling.history[row] = sequence.tokens();
      sampling.promptLength[row] = sequence.promptLength();
      sampling.historyLength[row] = sequence.known();
    }
    if (badWords.looksBack()) {
      int[] before = bannedAt(sampling.outputIndex[row]);
      int[] all =
          badWords.addTo(
              before == null ? NO_IDS : before,
              sequence.tokens(),
              sequence.promptLength(),
              sequence.known());
      sampling.banned[row] = all.length == 0 ? null : all;
    }
  }

  private int[] bannedAt(int outputIndex) {
    int[] ids = outputIndex < params.minTokens() ? bannedEarly : banned;
    return ids.length == 0 ? null : ids;
  }
}
