package dev.quern.batch.store;

import java.io.IOException;

/** Another process works on the same output. */
public final class HeldException extends IOException {
  private static final long serialVersionUID = 1L;

  public HeldException(String message) {
    super(message);
  }
}
