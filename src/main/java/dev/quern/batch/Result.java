package dev.quern.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.openai.ApiError;
import dev.quern.openai.Json;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One line's result, and its form as an output line: {@code {id, custom_id, response {status_code,
 * request_id, body}, error {message, type, param, code}}}, nulls written.
 */
record Result(String customId, String requestId, LineAnswer answer) {
  /** A fresh id with the given prefix; 128 random bits, not secret. */
  static String newId(String prefix) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return prefix + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  /** With its line end. */
  byte[] toLine() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("id", newId("quern-"));
    line.put("custom_id", customId);
    ObjectNode response = line.putObject("response");
    switch (answer) {
      case LineAnswer.Done done -> {
        response.put("status_code", 200);
        response.put("request_id", requestId);
        response.set("body", done.body());
        line.putNull("error");
      }
      case LineAnswer.Failed(ApiError error) -> {
        response.put("status_code", error.code());
        response.put("request_id", requestId);
        response.putNull("body");
        line.putPOJO("error", error);
      }
    }
    byte[] json = Json.write(line);
    byte[] whole = Arrays.copyOf(json, json.length + 1);
    whole[json.length] = '\n';
    return whole;
  }
}
