package dev.quern.engine;

import dev.quern.settings.EngineSettings;

/** Where requests go in: the face of an engine that its callers need. */
public interface Generator {
  /**
   * Queues a request.
   *
   * @param listener told of progress on the engine's thread, or null
   * @throws InvalidRequestException when the request can never be served
   * @throws CapacityException when the queue is full
   * @throws EngineLostException when the engine has failed or is closed
   */
  Generation submit(Request request, GenerationListener listener);

  EngineSettings settings();

  /** As of the last step. */
  EngineStats stats();

  /** Whether requests are still taken. */
  boolean isAlive();
}
