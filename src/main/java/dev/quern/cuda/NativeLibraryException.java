package dev.quern.cuda;

/** A shared library, or a function in it, that is not there. */
public final class NativeLibraryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NativeLibraryException(String message) {
    super(message);
  }
}
