package dev.quern.batch;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** The model behind the OpenAI endpoints; tests put others here. */
interface Answerer {
  /**
   * Starts on a line and returns at once.
   *
   * @param finished told once, on any thread, when the answer is there; must not block. The
   *     supplier builds the answer on the caller's thread, and throws {@link
   *     dev.quern.engine.EngineLostException} when the engine failed.
   * @throws dev.quern.openai.ApiException what the line asks for is refused
   * @throws dev.quern.engine.CapacityException nothing was started: come again later
   * @throws dev.quern.engine.EngineLostException the engine failed
   */
  void start(BatchLine line, String requestId, Consumer<Supplier<LineAnswer>> finished);

  /** Output tokens so far, those of unfinished lines among them. */
  long outputTokens();

  /** Share of the KV cache in use, 0…1. */
  default double kvUse() {
    return 0;
  }
}
