package dev.quern.batch;

/** A line that asks for nothing that can be done; the job goes on. */
final class BadLineException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String customId;
  private final transient LineError error;

  BadLineException(String customId, String message, String param) {
    super(message, null, false, false);
    this.customId = customId;
    this.error = LineError.badRequest(message, param);
  }

  String customId() {
    return customId;
  }

  LineError error() {
    return error;
  }
}
