package dev.quern.hub;

/**
 * A model that cannot be found or brought here; the message says where we looked and what to do.
 */
public final class HubException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public HubException(String message) {
    super(message);
  }

  public HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
