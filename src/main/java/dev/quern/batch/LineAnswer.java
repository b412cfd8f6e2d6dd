package dev.quern.batch;

import dev.quern.openai.ApiError;

/** What came of a line. */
sealed interface LineAnswer {
  /**
   * @param body the endpoint's response, a record for {@link dev.quern.openai.Json}
   */
  record Done(Object body, long promptTokens, long outputTokens) implements LineAnswer {}

  /** The line failed. */
  record Failed(ApiError error) implements LineAnswer {}

  /** A fault of ours; the line fails alone. */
  static Failed internal(Throwable fault) {
    String message = fault.getMessage() == null ? fault.toString() : fault.getMessage();
    return new Failed(ApiError.of(500, message, null));
  }
}
