package dev.quern.batch;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One line's result, and its form as an output line: {@code {id, custom_id, response {status_code,
 * request_id, body}, error {message, type, param, code}}}, nulls written.
 */
record Result(String customId, String requestId, Answer answer) {
  /** A fresh id with the given prefix; 128 random bits, not secret. */
  static String newId(String prefix) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  byte[] toLine() {
    LineError error = answer instanceof Answer.Failed failed ? failed.error() : null;
    return LineJson.line(
        json -> {
          json.writeStartObject();
          json.writeStringField("id", newId("quern-"));
          json.writeStringField("custom_id", customId);
          json.writeObjectFieldStart("response");
          json.writeNumberField("status_code", error == null ? 200 : error.status());
          json.writeStringField("request_id", requestId);
          json.writeFieldName("body");
          if (answer instanceof Answer.Done done) json.writeTree(done.body());
          else json.writeNull();
          json.writeEndObject();
          if (error == null) {
            json.writeNullField("error");
          } else {
            json.writeObjectFieldStart("error");
            json.writeStringField("message", error.message());
            json.writeStringField("type", error.type());
            json.writeStringField("param", error.param());
            json.writeNumberField("code", error.status());
            json.writeEndObject();
          }
          json.writeEndObject();
        });
  }
}
