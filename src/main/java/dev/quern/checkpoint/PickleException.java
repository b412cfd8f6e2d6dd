package dev.quern.checkpoint;

/** What is wrong with a pickle; the caller adds the file. */
final class PickleException extends Exception {
  private static final long serialVersionUID = 1;

  PickleException(String message) {
    super(message);
  }
}
