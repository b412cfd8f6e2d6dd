package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The event stream byte by byte, and what happens when an end of it goes away. */
@QuarkusTest
@Timeout(120)
class StreamingTest {
  private static final String CHAT =
      "{'messages':[{'role':'user','content':'A tale!'}],'temperature':0,'max_tokens':8";

  /** The events' payloads, after checking their frame. */
  private static List<String> events(HttpResponse<String> response) {
    assertEquals(200, response.statusCode(), response.body());
    assertTrue(
        response.headers().firstValue("Content-Type").orElse("").startsWith("text/event-stream"));
    assertTrue(response.body().endsWith("\n\n"));
    List<String> payloads = new ArrayList<>();
    for (String event : response.body().split("\n\n")) {
      assertTrue(event.startsWith("data: ") && event.indexOf('\n') < 0, event);
      payloads.add(event.substring("data: ".length()));
    }
    assertEquals("[DONE]", payloads.removeLast());
    return payloads;
  }

  @Test
  void chatInOrder() throws Exception {
    String whole =
        Client.post("/v1/chat/completions", CHAT + "}")
            .jsonPath()
            .getString("choices[0].message.content");
    List<String> events =
        events(
            Client.raw(
                "/v1/chat/completions",
                CHAT + ",'stream':true,'stream_options':{'include_usage':true}}"));
    StringBuilder text = new StringBuilder();
    String id = null;
    for (int i = 0; i < events.size(); i++) {
      JsonNode chunk = Client.json(events.get(i));
      if (id == null) id = chunk.get("id").textValue();
      assertEquals(id, chunk.get("id").textValue());
      assertEquals("chat.completion.chunk", chunk.get("object").textValue());
      boolean last = i == events.size() - 1;
      assertEquals(last, chunk.has("usage"));
      assertEquals(last, chunk.get("choices").isEmpty());
      if (last) break;
      JsonNode choice = chunk.get("choices").get(0);
      assertEquals(i == 0, choice.get("delta").has("role"));
      text.append(choice.get("delta").get("content").textValue());
      assertEquals(i == events.size() - 2, !choice.get("finish_reason").isNull());
      assertEquals(i == events.size() - 2, choice.has("stop_reason"));
    }
    assertEquals(whole, text.toString());
  }

  @Test
  void completionsWithoutUsage() throws Exception {
    List<String> events =
        events(
            Client.raw(
                "/v1/completions",
                "{'prompt':['a','b'],'max_tokens':4,'temperature':0,'ignore_eos':true,'stream':true}"));
    for (String event : events) assertFalse(Client.json(event).has("usage"));
    JsonNode last = Client.json(events.getLast()).get("choices").get(0);
    assertEquals("length", last.get("finish_reason").textValue());
  }

  @Test
  void refusedBeforeTheFirstEvent() throws Exception {
    HttpResponse<String> response =
        Client.raw("/v1/completions", "{'prompt':'x','stream':true,'top_p':7}");
    assertEquals(400, response.statusCode());
    assertEquals("top_p", Client.json(response.body()).get("error").get("param").textValue());
  }

  @Test
  void failureMidStreamIsAnEvent() throws Exception {
    List<String> events =
        events(
            Client.raw(
                "/v1/completions",
                "{'prompt':'x','stream':true,'max_tokens':20,'ignore_eos':true,'cache_salt':'"
                    + TroubleEngine.BREAKS
                    + "'}"));
    assertTrue(events.size() > 1);
    JsonNode error = Client.json(events.getLast()).get("error");
    assertEquals(503, error.get("code").intValue());
    assertEquals("the engine broke", error.get("message").textValue());
  }

  @Test
  void leavingCancelsAStream() throws Exception {
    leave(
        "{\"prompt\":\"Once\",\"max_tokens\":1900,\"ignore_eos\":true,\"n\":8,\"stream\":true}",
        true);
  }

  @Test
  void leavingCancelsAWholeAnswer() throws Exception {
    leave("{\"prompt\":\"Once\",\"max_tokens\":1900,\"ignore_eos\":true,\"n\":8}", false);
  }

  private static void leave(String body, boolean readFirst) throws Exception {
    double before = aborted();
    try (Socket socket = new Socket("localhost", RestAssured.port)) {
      String head =
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
              + TestServer.KEY
              + "\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n";
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      if (readFirst) {
        InputStream in = socket.getInputStream();
        assertEquals("HTTP/1.1 200", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
      } else {
        while (metric("vllm:num_requests_running") == 0) Thread.sleep(5);
      }
    }
    while (aborted() < before + 8) Thread.sleep(20);
    while (metric("vllm:num_requests_running") > 0) Thread.sleep(5);
  }

  private static double aborted() {
    String text = Client.authorized().get("/metrics").asString();
    return EndpointsTest.value(
        text,
        "vllm:request_success_total{engine=\"0\",model_name=\""
            + TestServer.MODEL
            + "\",finished_reason=\"abort\"");
  }

  private static double metric(String name) {
    return EndpointsTest.value(Client.authorized().get("/metrics").asString(), name);
  }
}
