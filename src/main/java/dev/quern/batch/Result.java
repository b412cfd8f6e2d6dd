package dev.quern.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.batch.store.ResultId;
import dev.quern.openai.ApiError;
import dev.quern.openai.Json;
import java.util.Arrays;

/**
 * One line's result, and its form as an output line: {@code {id, custom_id, response {status_code,
 * request_id, body}, error {code, message, type, param}}}, nulls written. The id comes first and
 * the error last: the log is read by them. The code is the status as text, since OpenAI's clients
 * know no other codes than texts in a batch.
 *
 * @param fingerprint of what the results depend on beside the line
 */
record Result(ResultId key, String fingerprint, String customId, LineAnswer answer) {
  private static final String PREFIX = "quern-";

  static String requestId(ResultId key, String fingerprint) {
    return PREFIX + "batch-" + key.text(fingerprint).substring(PREFIX.length());
  }

  /** With its line end. */
  byte[] toLine() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("id", key.text(fingerprint));
    line.put("custom_id", customId);
    ObjectNode response = line.putObject("response");
    String requestId = requestId(key, fingerprint);
    switch (answer) {
      case LineAnswer.Done done -> {
        response.put("status_code", 200);
        response.put("request_id", requestId);
        response.putPOJO("body", done.body());
        line.putNull("error");
      }
      case LineAnswer.Failed(ApiError error) -> {
        response.put("status_code", error.code());
        response.put("request_id", requestId);
        response.putNull("body");
        ObjectNode why = line.putObject("error");
        why.put("code", String.valueOf(error.code()));
        why.put("message", error.message());
        why.put("type", error.type());
        why.put("param", error.param());
      }
    }
    byte[] json = Json.write(line);
    byte[] whole = Arrays.copyOf(json, json.length + 1);
    whole[json.length] = '\n';
    return whole;
  }
}
