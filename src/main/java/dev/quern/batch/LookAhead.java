package dev.quern.batch;

import dev.quern.settings.EngineSettings;

/**
 * How much is kept ready for an engine.
 *
 * @param sequences that run at once
 * @param engineTokens of prompts that are worth handing over: what the KV cache holds and the next
 *     steps take
 * @param waitingTokens of prompts and outputs that wait here beside that, as long as there are as
 *     many lines as run at once
 * @param longestFirst the last lines go by length
 */
record LookAhead(int sequences, long engineTokens, long waitingTokens, boolean longestFirst) {
  private static final int STEPS_IN_ENGINE = 2;
  private static final int STEPS_WAITING = 16;

  static LookAhead of(EngineSettings settings) {
    long kvTokens = (long) settings.kvBlocks() * settings.blockTokens();
    long stepTokens = settings.maxNumBatchedTokens();
    return new LookAhead(
        settings.maxNumSeqs(),
        kvTokens + STEPS_IN_ENGINE * stepTokens,
        kvTokens + STEPS_WAITING * stepTokens,
        true);
  }

  /** Twice as many as run: a whole batch may end in one step. */
  int engineSequences() {
    return 2 * sequences;
  }
}
