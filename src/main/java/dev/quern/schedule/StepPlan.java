package dev.quern.schedule;

/**
 * What one step runs, in flat arrays that are reused: valid until the step after the next is
 * planned. Sequence i feeds {@code counts[i]} tokens from position {@code starts[i]}; its rows
 * follow those of sequence i-1.
 */
public final class StepPlan {
  /** Number of the step, from 0. */
  public long step;

  /** S: sequences of this step. */
  public int sequenceCount;

  /** T: tokens of this step. */
  public int tokens;

  /** Rows that are sampled from, each the last of its sequence. */
  public int sampledCount;

  /** [S] */
  public final Sequence[] sequences;

  /** [S] position of the first token fed. */
  public final int[] starts;

  /** [S] tokens fed. */
  public final int[] counts;

  /** [S] place among the sampled rows, or -1 where the sequence is not sampled. */
  public final int[] sampledRows;

  /**
   * [S] the previous step's sampled row whose token is the last one fed here, its id still in
   * flight; or -1.
   */
  public final int[] feedRows;

  /** [S] first prompt position whose logits are wanted for the logprob of the token after it. */
  public final int[] promptLogprobStarts;

  /** [S] how many such positions; 0 for none. */
  public final int[] promptLogprobCounts;

  /** [S] once landed: the sampled token was taken; false where its sequence had ended before. */
  public final boolean[] accepted;

  StepPlan(int maxSequences) {
    sequences = new Sequence[maxSequences];
    starts = new int[maxSequences];
    counts = new int[maxSequences];
    sampledRows = new int[maxSequences];
    feedRows = new int[maxSequences];
    promptLogprobStarts = new int[maxSequences];
    promptLogprobCounts = new int[maxSequences];
    accepted = new boolean[maxSequences];
  }

  /** Nothing can run before another step lands or a request comes. */
  public boolean isEmpty() {
    return sequenceCount == 0;
  }

  void begin(long number) {
    for (int i = 0; i < sequenceCount; i++) sequences[i] = null;
    step = number;
    sequenceCount = 0;
    tokens = 0;
    sampledCount = 0;
  }

  /** Feeds the next {@code count} tokens of a sequence. */
  void add(Sequence sequence, int count) {
    int i = sequenceCount++;
    int start = sequence.planned;
    int end = start + count;
    sequences[i] = sequence;
    starts[i] = start;
    counts[i] = count;
    feedRows[i] = end > sequence.known() ? sequence.pendingRow : -1;
    boolean sampled = end == sequence.known() + sequence.pending;
    sampledRows[i] = sampled ? sampledCount++ : -1;
    accepted[i] = false;
    tokens += count;

    promptLogprobStarts[i] = Math.max(start, sequence.nextPromptLogprob);
    int last = Math.min(end, sequence.promptLength() - 1);
    promptLogprobCounts[i] =
        sequence.wantsPromptLogprobs() ? Math.max(0, last - promptLogprobStarts[i]) : 0;
    sequence.nextPromptLogprob += promptLogprobCounts[i];

    sequence.planned = end;
    sequence.inFlightSteps++;
    if (sampled) {
      sequence.pending++;
      sequence.pendingRow = sampledRows[i];
    }
  }
}
