package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.openai.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Results as a person reads them on a terminal: the line's id, then the text of each choice. */
record ReadableStream(OutputStream out) implements Results {
  @Override
  public void write(Result result) throws IOException {
    out.write(text(result).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  static String text(Result result) {
    StringBuilder text = new StringBuilder();
    switch (result.answer()) {
      case LineAnswer.Failed failed ->
          text.append(printable("── " + result.customId() + " failed: " + failed.error().message()))
              .append("\n\n");
      case LineAnswer.Done done -> {
        text.append(printable("── " + result.customId())).append('\n');
        for (JsonNode choice : Json.tree(done.body()).path("choices"))
          text.append(printable(choiceText(choice).strip())).append("\n\n");
      }
    }
    return text.toString();
  }

  private static String choiceText(JsonNode choice) {
    JsonNode content = choice.path("message").path("content");
    String text = content.isTextual() ? content.textValue() : choice.path("text").asText("");
    // Without a tokenizer there are ids only.
    return text.isEmpty() ? choice.path("token_ids").toString() : text;
  }

  /** Model output must not steer the terminal: control characters but tab and line end go. */
  private static String printable(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\t' || !Character.isISOControl(c)) kept.append(c);
    }
    return kept.toString();
  }

  @Override
  public void close() {
    // The standard stream stays open for others.
  }
}
