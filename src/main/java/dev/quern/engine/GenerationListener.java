package dev.quern.engine;

/**
 * Told of a request's progress, on the engine's thread: must not block. After {@link #onDone} or
 * {@link #onError} nothing more comes.
 */
public interface GenerationListener {
  /** New tokens or text of one output. */
  void onDelta(Delta delta);

  /** All outputs are finished; the result is whole. */
  void onDone(GenerationResult result);

  /** The engine was lost. */
  void onError(RuntimeException error);
}
