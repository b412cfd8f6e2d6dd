package dev.quern.model;

/** A config that cannot be used; the message names the file, the key and the value. */
public final class ModelConfigException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ModelConfigException(String message) {
    super(message);
  }

  public ModelConfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
