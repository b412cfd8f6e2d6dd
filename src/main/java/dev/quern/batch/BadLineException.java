package dev.quern.batch;

import dev.quern.openai.ApiError;

/** A line that asks for nothing that can be done; the job goes on. */
final class BadLineException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String customId;
  private final transient ApiError error;

  BadLineException(String customId, String message, String param) {
    super(message, null, false, false);
    this.customId = customId;
    this.error = ApiError.of(400, message, param);
  }

  String customId() {
    return customId;
  }

  ApiError error() {
    return error;
  }
}
