package dev.quern.checkpoint;

/**
 * Weights that cannot be read or do not fit the model; the message names the file, and the tensor
 * where there is one.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
