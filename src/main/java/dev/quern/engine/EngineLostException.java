package dev.quern.engine;

/**
 * The engine has failed or is closed; nothing more will come of it (503, and the process should
 * end).
 */
public final class EngineLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EngineLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
