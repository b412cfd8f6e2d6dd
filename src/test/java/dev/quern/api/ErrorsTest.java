package dev.quern.api;

import static dev.quern.api.Client.authorized;
import static dev.quern.api.Client.post;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every error has its code and the one shape. */
@QuarkusTest
class ErrorsTest {
  private static ValidatableResponse error(Response response, int code, String type) {
    Map<String, Object> error = response.jsonPath().getMap("error");
    assertEquals(4, error.size(), response.asString());
    return response
        .then()
        .statusCode(code)
        .contentType("application/json")
        .header("X-Request-Id", notNullValue())
        .body("error.code", equalTo(code))
        .body("error.type", equalTo(type))
        .body("error.message", not(equalTo("")));
  }

  @Test
  void missingAndWrongKeys() {
    for (String path : new String[] {"/v1/models", "/metrics", "/version", "/no/such", "/tokenize"})
      error(given().get(path), 401, "AuthenticationError")
          .header("WWW-Authenticate", equalTo("Bearer"));
    for (String value : new String[] {"Bearer nope", "Basic " + TestServer.KEY, "", "Bearer "})
      error(given().header("Authorization", value).get("/v1/models"), 401, "AuthenticationError");
    given()
        .header("Authorization", "bearer  " + TestServer.OTHER_KEY)
        .get("/v1/models")
        .then()
        .statusCode(200);
    assertTrue(given().options("/v1/models").statusCode() < 300);
  }

  @Test
  void unknownPathAndWrongMethod() {
    error(authorized().get("/no/such"), 404, "NotFoundError");
    error(authorized().get("/v1/embeddings"), 404, "NotFoundError");
    error(authorized().get("/v1/completions"), 405, "MethodNotAllowedError");
    error(authorized().delete("/v1/models"), 405, "MethodNotAllowedError");
  }

  @Test
  void whatIsNoJson() {
    error(post("/v1/completions", "{'prompt':'x'"), 400, "BadRequestError")
        .body("error.message", containsString("line 1"));
    error(post("/v1/completions", ""), 400, "BadRequestError");
    error(post("/v1/completions", "{} x"), 400, "BadRequestError");
    error(post("/v1/completions", "[1]"), 400, "BadRequestError");
    error(
            authorized()
                .contentType("application/x-www-form-urlencoded")
                .body("{\"prompt\":\"x\"}")
                .post("/v1/completions"),
            400,
            "BadRequestError")
        .body("error.message", containsString("application/json"));
  }

  @Test
  void tooLargeBodies() throws Exception {
    byte[] large = new byte[BodyReader.MAX_BODY_BYTES + 1];
    Arrays.fill(large, (byte) ' ');
    String head =
        "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            + TestServer.KEY
            + "\r\nContent-Length: 99999999\r\n\r\n";
    try (Socket socket = new Socket("localhost", RestAssured.port)) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 413"), answer);
      assertTrue(answer.contains("RequestTooLargeError"), answer);
    }
    // Without a Content-Length the size shows only while reading.
    HttpResponse<String> response =
        Client.HTTP.send(
            Client.request("/v1/completions")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large)))
                .build(),
            BodyHandlers.ofString());
    assertEquals(413, response.statusCode());
    assertEquals(
        "RequestTooLargeError", Client.json(response.body()).get("error").get("type").textValue());
  }

  @Test
  void unknownModel() {
    error(post("/v1/completions", "{'model':'gpt-4','prompt':'x'}"), 404, "NotFoundError")
        .body("error.param", equalTo("model"));
    error(
            post("/v1/chat/completions", "{'model':'gpt-4','messages':[{'role':'user'}]}"),
            404,
            "NotFoundError")
        .body("error.param", equalTo("model"));
    post("/v1/completions", "{'model':'','prompt':'x','max_tokens':1}").then().statusCode(200);
  }

  @Test
  void badRequests() {
    error(post("/v1/completions", "{'prompt':'x','temperature':9}"), 400, "BadRequestError")
        .body("error.param", equalTo("temperature"));
    error(post("/v1/completions", "{'prompt':[99999999]}"), 400, "BadRequestError")
        .body("error.message", containsString("99999999"));
    error(post("/v1/completions", "{'prompt':'x','max_tokens':99999}"), 400, "BadRequestError")
        .body("error.message", containsString("maximum context length"));
    error(post("/v1/completions", "{'prompt':'x','logprobs':500}"), 400, "BadRequestError")
        .body("error.param", equalTo("logprobs"));
    error(post("/tokenize", "{}"), 400, "BadRequestError");
    error(post("/detokenize", "{'tokens':'x'}"), 400, "BadRequestError");
    post("/detokenize", "{'tokens':[2147483647]}").then().statusCode(200);
  }

  @Test
  void fullLostAndUnforeseen() {
    for (String stream : new String[] {"false", "true"}) {
      String body = "{'prompt':'x','stream':" + stream + ",'cache_salt':'%s'}";
      error(post("/v1/completions", body.formatted(TroubleEngine.FULL)), 429, "RateLimitError")
          .header("Retry-After", equalTo("1"));
      error(
              post("/v1/completions", body.formatted(TroubleEngine.LOST)),
              503,
              "ServiceUnavailableError")
          .header("Retry-After", equalTo("1"));
      error(post("/v1/completions", body.formatted(TroubleEngine.BUG)), 500, "InternalServerError")
          .body("error.message", not(containsString("secret")));
    }
  }
}
