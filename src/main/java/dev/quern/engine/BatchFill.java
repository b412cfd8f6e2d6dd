package dev.quern.engine;

import dev.quern.backend.Batch;
import dev.quern.backend.Sampling;
import dev.quern.schedule.Sequence;
import dev.quern.schedule.StepPlan;
import java.util.Arrays;

/** Writes a plan into a batch. */
final class BatchFill {
  private final int blockTokens;

  BatchFill(int blockTokens) {
    this.blockTokens = blockTokens;
  }

  /**
   * Fills everything that is known.
   *
   * @param paddedTokens rows that the step runs; those past the plan's tokens store nothing
   * @return whether some row's masks wait for the last step's token: {@link #fillLate}
   */
  boolean fill(StepPlan plan, Batch batch, int paddedTokens) {
    batch.tokens = plan.tokens;
    batch.sequences = plan.sequenceCount;
    batch.sampledRows = plan.sampledCount;
    int row = 0;
    int logitRow = plan.sampledCount;
    boolean late = false;
    for (int i = 0; i < plan.sequenceCount; i++) {
      batch.seqStarts[i] = row;
      fillTokens(plan, i, batch, row);
      logitRow = fillPromptRows(plan, i, batch, row, logitRow);
      int end = row + plan.counts[i];
      if (plan.sampledRows[i] >= 0) late |= fillSampled(plan, i, batch, end - 1);
      row = end;
    }
    batch.logits = logitRow;
    Arrays.fill(batch.seqStarts, plan.sequenceCount, batch.seqStarts.length, row);
    Arrays.fill(batch.kvLengths, plan.sequenceCount, batch.kvLengths.length, 0);
    Arrays.fill(batch.tokenIds, row, paddedTokens, 0);
    Arrays.fill(batch.feedRows, row, paddedTokens, -1);
    Arrays.fill(batch.positions, row, paddedTokens, 0);
    Arrays.fill(batch.slots, row, paddedTokens, -1);
    return late;
  }

  private void fillTokens(StepPlan plan, int i, Batch batch, int row) {
    Sequence sequence = plan.sequences[i];
    int[] tokens = sequence.tokens();
    int[] blocks = sequence.blocks();
    int start = plan.starts[i];
    int end = start + plan.counts[i];
    for (int position = start; position < end; position++, row++) {
      boolean known = position < sequence.known();
      batch.tokenIds[row] = known ? tokens[position] : 0;
      batch.feedRows[row] = known ? -1 : plan.feedRows[i];
      batch.positions[row] = position;
      batch.slots[row] = blocks[position / blockTokens] * blockTokens + position % blockTokens;
    }
    batch.kvLengths[i] = end;
    int used = (end + blockTokens - 1) / blockTokens;
    System.arraycopy(blocks, 0, batch.blockTables, i * batch.limits.maxBlocks(), used);
  }

  private static boolean fillSampled(StepPlan plan, int i, Batch batch, int lastRow) {
    Sequence sequence = plan.sequences[i];
    RowSettings settings = ((OutputState) sequence.owner()).settings();
    int row = plan.sampledRows[i];
    batch.logitRows[row] = lastRow;
    int sampledPosition = plan.starts[i] + plan.counts[i];
    settings.fill(batch.sampling, row, sampledPosition - sequence.promptLength());
    if (plan.feedRows[i] >= 0) return settings.needsLastToken();
    settings.fillHistory(batch.sampling, row, sequence);
    return false;
  }

  /** The next free logit row. */
  private static int fillPromptRows(StepPlan plan, int i, Batch batch, int row, int logitRow) {
    if (plan.promptLogprobCounts[i] == 0) return logitRow;
    Sequence sequence = plan.sequences[i];
    Sampling sampling = batch.sampling;
    int code = ((OutputState) sequence.owner()).promptLogprobCode();
    int next = logitRow;
    for (int j = 0; j < plan.promptLogprobCounts[i]; j++, next++) {
      int position = plan.promptLogprobStarts[i] + j;
      batch.logitRows[next] = row + position - plan.starts[i];
      sampling.logprobs[next] = code;
      sampling.targets[next] = sequence.tokens()[position + 1];
    }
    return next;
  }

  /** Fills what waited for the last step's tokens, now that they have landed. */
  void fillLate(StepPlan plan, Batch batch) {
    for (int i = 0; i < plan.sequenceCount; i++) {
      if (plan.sampledRows[i] < 0 || plan.feedRows[i] < 0) continue;
      Sequence sequence = plan.sequences[i];
      RowSettings settings = ((OutputState) sequence.owner()).settings();
      if (settings.needsLastToken())
        settings.fillHistory(batch.sampling, plan.sampledRows[i], sequence);
    }
  }
}
