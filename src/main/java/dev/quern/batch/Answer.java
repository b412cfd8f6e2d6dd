package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;

/** What came of a line. */
sealed interface Answer {
  /**
   * @param body the endpoint's response
   */
  record Done(JsonNode body, long promptTokens, long outputTokens) implements Answer {}

  /** The line failed. */
  record Failed(LineError error) implements Answer {}
}
