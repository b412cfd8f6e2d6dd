package dev.quern.batch;

import dev.quern.batch.store.ResultId;

/**
 * A line that is understood and waits for the engine.
 *
 * @param index counted from 0 over all results of this run
 * @param keptBytes what it holds of the {@link Window}
 */
record Ready(long index, ResultId key, long keptBytes, String customId, Answerer.Work work) {
  long tokens() {
    return work.promptTokens() + work.outputTokens();
  }
}
