package dev.quern.batch;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** The model behind the OpenAI endpoints; tests put others here. */
interface Answerer {
  /**
   * Checks a line and makes its prompt's tokens; nothing runs yet.
   *
   * @throws dev.quern.openai.ApiException what the line asks for is refused
   */
  Work prepare(BatchLine line, String requestId);

  /** Output tokens so far, those of unfinished lines among them. */
  long outputTokens();

  /** Share of the KV cache in use, 0…1. */
  default double kvUse() {
    return 0;
  }

  /** A line that the engine can begin with. */
  interface Work {
    /** Outputs that run at once. */
    int sequences();

    long promptTokens();

    /** At most so many, over all sequences. */
    long outputTokens();

    /**
     * Starts and returns at once.
     *
     * @param finished told once, on any thread, when the answer is there; must not block. The
     *     supplier builds the answer on the caller's thread, and throws {@link
     *     dev.quern.engine.EngineLostException} when the engine failed.
     * @throws dev.quern.openai.ApiException what the line asks for is refused
     * @throws dev.quern.engine.CapacityException nothing was started: come again later
     * @throws dev.quern.engine.EngineLostException the engine failed
     */
    void start(Consumer<Supplier<LineAnswer>> finished);
  }
}
