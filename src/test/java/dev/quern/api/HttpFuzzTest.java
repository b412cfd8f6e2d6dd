package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Damaged bodies: each gets 200 or a 4xx of the one shape, in time, and leaves nothing behind.
 * 2,000 of them unless {@code -Dquern.fuzz} or {@code QUERN_TEST_FUZZ} says more.
 */
@QuarkusTest
class HttpFuzzTest {
  private static final int CLIENTS = 4;
  private static final long MAX_KEPT_BYTES = 200L << 20;

  @Test
  void onlyClearAnswers() throws Exception {
    int count = count();
    long before = usedBytes();
    List<Future<Void>> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      for (int client = 0; client < CLIENTS; client++) {
        FuzzBodies bodies = new FuzzBodies(new Random(1000 + client));
        clients.add(threads.submit(requests(bodies, count / CLIENTS)));
      }
    }
    for (Future<Void> client : clients) client.get();
    long kept = usedBytes() - before;
    assertTrue(kept < MAX_KEPT_BYTES, "bytes kept: " + kept);
    Client.authorized().get("/health").then().statusCode(200);
  }

  private static int count() {
    String asked = System.getProperty("quern.fuzz", System.getenv("QUERN_TEST_FUZZ"));
    return asked == null ? 2000 : Integer.parseInt(asked);
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  private static Callable<Void> requests(FuzzBodies bodies, int count) {
    return () -> {
      for (int i = 0; i < count; i++) {
        FuzzBodies.Body body = bodies.next();
        check(body, send(body));
      }
      return null;
    };
  }

  private static HttpResponse<String> send(FuzzBodies.Body body) {
    HttpRequest request =
        Client.request(body.path()).POST(BodyPublishers.ofByteArray(body.bytes())).build();
    try {
      return Client.HTTP.send(request, BodyHandlers.ofString());
    } catch (Exception e) {
      throw new AssertionError("no answer to " + shown(body), e);
    }
  }

  private static void check(FuzzBodies.Body body, HttpResponse<String> response) {
    int status = response.statusCode();
    String why = status + " " + response.body() + " for " + shown(body);
    assertTrue(status == 200 || (status >= 400 && status < 500), why);
    if (status == 200) return;
    JsonNode error = Client.json(response.body()).path("error");
    assertEquals(status, error.path("code").intValue(), why);
    assertTrue(error.path("message").textValue().length() > 4, why);
    assertTrue(error.has("param") && error.path("type").isTextual(), why);
  }

  private static String shown(FuzzBodies.Body body) {
    String text = new String(body.bytes(), StandardCharsets.UTF_8);
    return body.path() + " " + (text.length() > 600 ? text.substring(0, 600) + "…" : text);
  }
}
