package dev.quern.batch;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** The model behind the OpenAI endpoints; tests put others here. */
interface Answerer {
  /**
   * Starts on a line and returns at once. What it asks for in vain is an {@link Answer.Failed}.
   *
   * @param requestId names the request in logs and in the response
   * @param finished told once, on any thread, when the answer is there; must not block. The
   *     supplier builds the answer on the caller's thread, and throws {@link
   *     dev.quern.engine.EngineLostException} when the engine failed.
   * @throws dev.quern.engine.CapacityException nothing was started: come again later
   * @throws dev.quern.engine.EngineLostException the engine failed
   */
  void start(BatchLine line, String requestId, Consumer<Supplier<Answer>> finished);
}
