package dev.quern.cache;

/** A model that cannot be loaded, for a reason its user can act on. */
public final class LoadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoadException(String message, Throwable cause) {
    super(message, cause);
  }
}
