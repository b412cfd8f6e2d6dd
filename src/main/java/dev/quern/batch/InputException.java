package dev.quern.batch;

import java.io.IOException;

/** The input is not there or is not what it should be: running again will not help. */
final class InputException extends IOException {
  private static final long serialVersionUID = 1L;

  InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
