package dev.quern.batch.store;

import java.io.IOException;

/** An output that exists was made from something else. */
public final class MismatchException extends IOException {
  private static final long serialVersionUID = 1L;

  public MismatchException(String message) {
    super(message);
  }
}
