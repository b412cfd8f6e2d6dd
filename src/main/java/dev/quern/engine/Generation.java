package dev.quern.engine;

/** A handle on a submitted request. */
public interface Generation {
  Request request();

  /**
   * Stops generating; outputs not finished end with {@link FinishReason#ABORT}. Idempotent, from
   * any thread.
   */
  void cancel();

  /**
   * Blocks until the result is whole.
   *
   * @throws EngineLostException when the engine failed
   */
  GenerationResult await() throws InterruptedException;
}
