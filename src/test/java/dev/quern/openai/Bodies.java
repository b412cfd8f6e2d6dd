package dev.quern.openai;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.ServedModel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Sends bodies, written with single quotes, through the endpoints. */
final class Bodies {
  static final CallOptions OPTIONS = new CallOptions("id", false, Policy.DEFAULT, null);

  private Bodies() {}

  static JsonNode json(String body) {
    return Json.parse(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  static Call completion(ServedModel model, String body) {
    return Completions.parse(model, json(body), OPTIONS);
  }

  static Call chat(ServedModel model, String body) {
    return ChatCompletions.parse(model, json(body), OPTIONS);
  }

  static JsonNode whole(Call call) throws InterruptedException {
    return Json.tree(call.start().whole());
  }

  static List<JsonNode> stream(Call call) throws InterruptedException {
    Answer answer = call.start();
    List<JsonNode> chunks = new ArrayList<>();
    for (List<Object> some = answer.next(); !some.isEmpty(); some = answer.next())
      for (Object chunk : some) chunks.add(Json.tree(chunk));
    return chunks;
  }

  static ApiError refused(Runnable call) {
    return assertThrows(ApiException.class, call::run).error();
  }
}
