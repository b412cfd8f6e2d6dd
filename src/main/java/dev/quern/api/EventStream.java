package dev.quern.api;

import dev.quern.openai.Answer;
import dev.quern.openai.ApiException;
import dev.quern.openai.Json;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes an answer as server-sent events: {@code data: JSON} and a blank line for each chunk, then
 * {@code data: [DONE]}. The status is out by then, so an error is an event too.
 *
 * @param first the chunks that are there already
 */
record EventStream(Answer answer, List<Object> first) implements StreamingOutput {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  @Override
  public void write(OutputStream client) throws IOException {
    try {
      for (List<Object> chunks = first; !chunks.isEmpty(); chunks = answer.next())
        send(client, chunks);
    } catch (ApiException e) {
      send(client, List.of(e.error().body()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      answer.cancel();
    }
    client.write(DONE);
    client.flush();
  }

  private static void send(OutputStream client, List<?> chunks) throws IOException {
    ByteArrayOutputStream events = new ByteArrayOutputStream();
    for (Object chunk : chunks) {
      events.write(DATA);
      events.write(Json.write(chunk));
      events.write(END);
    }
    events.writeTo(client);
    client.flush();
  }
}
