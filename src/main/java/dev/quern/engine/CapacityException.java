package dev.quern.engine;

/** The queue is full: come back later (429). */
public final class CapacityException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CapacityException(String message) {
    super(message);
  }
}
