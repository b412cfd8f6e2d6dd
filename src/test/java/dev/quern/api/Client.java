package dev.quern.api;

import static io.restassured.RestAssured.given;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.openai.Json;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** How tests talk to the shared server; bodies are written with single quotes. */
final class Client {
  static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Client() {}

  static RequestSpecification authorized() {
    return given().header("Authorization", "Bearer " + TestServer.KEY);
  }

  static Response post(String path, String body) {
    return authorized()
        .contentType("application/json")
        .body(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
        .post(path);
  }

  static URI uri(String path) {
    return URI.create("http://localhost:" + RestAssured.port + path);
  }

  static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + TestServer.KEY)
        .header("Content-Type", "application/json");
  }

  /** The body as it came over the wire. */
  static HttpResponse<String> raw(String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        request(path).POST(BodyPublishers.ofString(body.replace('\'', '"'))).build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  static JsonNode json(String text) {
    return Json.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
