package dev.quern.backend.cpu;

import dev.quern.backend.Batch;
import dev.quern.backend.Sampling;

/** Masks, bias and penalties of the sampled rows, in place and in vLLM's order. */
final class LogitEdits {
  /** How often each id was seen; zero between calls. */
  private int[] promptCounts = new int[0];

  private int[] outputCounts = new int[0];

  /** Allowed ids, then banned ids, then bias. */
  void mask(CpuTensor logits, Batch batch) {
    Sampling sampling = batch.sampling;
    for (int row = 0; row < batch.sampledRows; row++) {
      long[] allowed = sampling.allowed[row];
      if (allowed != null) {
        for (int v = 0; v < logits.cols(); v++) {
          if (v >> 6 >= allowed.length || (allowed[v >> 6] >>> v & 1) == 0) {
            logits.set(row, v, Float.NEGATIVE_INFINITY);
          }
        }
      }
      int[] banned = sampling.banned[row];
      if (banned != null) {
        for (int id : banned) {
          logits.set(row, checkId(id, logits), Float.NEGATIVE_INFINITY);
        }
      }
      int[] ids = sampling.biasIds[row];
      if (ids != null) {
        for (int i = 0; i < ids.length; i++) {
          int id = checkId(ids[i], logits);
          logits.set(row, id, logits.get(row, id) + sampling.biasValues[row][i]);
        }
      }
    }
  }

  /** Repetition covers prompt and output, frequency and presence the output only. */
  void penalise(CpuTensor logits, Batch batch) {
    Sampling sampling = batch.sampling;
    for (int row = 0; row < batch.sampledRows; row++) {
      float repetition = sampling.repetitionPenalty[row];
      float frequency = sampling.frequencyPenalty[row];
      float presence = sampling.presencePenalty[row];
      if (repetition == 1 && frequency == 0 && presence == 0) {
        continue;
      }
      if (promptCounts.length < logits.cols()) {
        promptCounts = new int[logits.cols()];
        outputCounts = new int[logits.cols()];
      }
      int[] history = sampling.history[row];
      int length = sampling.historyLength[row];
      for (int i = 0; i < length; i++) {
        int[] counts = i < sampling.promptLength[row] ? promptCounts : outputCounts;
        counts[checkId(history[i], logits)]++;
      }
      for (int i = 0; i < length; i++) {
        int id = history[i];
        int count = outputCounts[id];
        if (promptCounts[id] + count == 0) {
          continue; // done at an earlier place of it
        }
        promptCounts[id] = 0;
        outputCounts[id] = 0;
        float value = logits.get(row, id);
        value = value > 0 ? value / repetition : value * repetition;
        value -= frequency * count;
        value -= count > 0 ? presence : 0;
        logits.set(row, id, value);
      }
    }
  }

  private static int checkId(int id, CpuTensor logits) {
    if (id < 0 || id >= logits.cols()) {
      throw new IndexOutOfBoundsException(
          "token id " + id + " is not in the vocabulary of " + logits.cols());
    }
    return id;
  }
}
