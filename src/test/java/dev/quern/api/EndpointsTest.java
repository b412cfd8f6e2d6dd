package dev.quern.api;

import static dev.quern.api.Client.authorized;
import static dev.quern.api.Client.post;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every endpoint on the built-in model. */
@QuarkusTest
class EndpointsTest {
  @Test
  void completion() {
    post(
            "/v1/completions",
            "{'model':'tales','prompt':'Once upon a time','max_tokens':12,'temperature':0}")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .header("X-Request-Id", notNullValue())
        .body("id", startsWith("cmpl-"))
        .body("object", equalTo("text_completion"))
        .body("model", equalTo(TestServer.MODEL))
        .body("choices", hasSize(1))
        .body("choices[0].text", not(equalTo("")))
        .body("choices[0].finish_reason", equalTo("length"))
        .body("usage.completion_tokens", equalTo(12));
  }

  @Test
  void idsInIdsOutAreTheSameAsText() {
    List<Integer> ids =
        post("/tokenize", "{'prompt':'Once upon a time'}").jsonPath().getList("tokens");
    Response text =
        post("/v1/completions", "{'prompt':'Once upon a time','max_tokens':9,'temperature':0}");
    Response fromIds =
        post(
            "/v1/completions",
            "{'prompt':" + ids + ",'max_tokens':9,'temperature':0,'return_token_ids':true}");
    assertEquals(
        text.jsonPath().getString("choices[0].text"),
        fromIds.jsonPath().getString("choices[0].text"));
    assertEquals(ids, fromIds.jsonPath().getList("choices[0].prompt_token_ids"));
    List<Integer> out = fromIds.jsonPath().getList("choices[0].token_ids");
    post("/detokenize", "{'tokens':" + out + "}")
        .then()
        .statusCode(200)
        .body("prompt", equalTo(text.jsonPath().getString("choices[0].text")));
  }

  @Test
  void promptLogprobsOfTheEngine() {
    post(
            "/v1/completions",
            "{'prompt':'Once upon a time','max_tokens':2,'temperature':0,'echo':true,'logprobs':3}")
        .then()
        .statusCode(200)
        .body("choices[0].text", startsWith("Once upon a time"))
        .body("choices[0].logprobs.token_logprobs[0]", nullValue())
        .body("choices[0].logprobs.token_logprobs[1]", notNullValue())
        .body("choices[0].logprobs.tokens.size()", greaterThan(3));
  }

  @Test
  void chat() {
    post(
            "/v1/chat/completions",
            "{'messages':[{'role':'user','content':'Tell me a tale.'}],'max_tokens':10,"
                + "'temperature':0,'n':1,'logprobs':true,'top_logprobs':2}")
        .then()
        .statusCode(200)
        .body("id", startsWith("chatcmpl-"))
        .body("object", equalTo("chat.completion"))
        .body("choices[0].message.role", equalTo("assistant"))
        .body("choices[0].message.content", not(equalTo("")))
        .body("choices[0].logprobs.content[0].top_logprobs", hasSize(2))
        .body("usage.prompt_tokens", greaterThan(3));
  }

  @Test
  void stopStringIsReported() {
    String text =
        post("/v1/completions", "{'prompt':'Once upon a time','max_tokens':30,'temperature':0}")
            .jsonPath()
            .getString("choices[0].text");
    String stop = text.substring(8, 11);
    post(
            "/v1/completions",
            "{'prompt':'Once upon a time','max_tokens':30,'temperature':0,'stop':['" + stop + "']}")
        .then()
        .body("choices[0].text", equalTo(text.substring(0, text.indexOf(stop))))
        .body("choices[0].finish_reason", equalTo("stop"))
        .body("choices[0].stop_reason", equalTo(stop));
  }

  @Test
  void requestIdsComeBack() {
    authorized()
        .header("X-Request-Id", "my-id-1")
        .contentType("application/json")
        .body("{\"prompt\":\"x\",\"max_tokens\":1}")
        .post("/v1/completions")
        .then()
        .header("X-Request-Id", "my-id-1")
        .body("id", equalTo("cmpl-my-id-1"));
    post("/v1/completions", "{'prompt':'x','max_tokens':1,'request_id':'its-own'}")
        .then()
        .header("X-Request-Id", "its-own")
        .body("id", equalTo("cmpl-its-own"));
    Response neither = post("/v1/completions", "{'prompt':'x','max_tokens':1}");
    assertEquals("cmpl-" + neither.header("X-Request-Id"), neither.jsonPath().getString("id"));
    post("/v1/completions", "{'prompt':'x','max_tokens':1,'request_id':'a\\r\\nSet-Cookie: b'}")
        .then()
        .statusCode(200)
        .header("Set-Cookie", nullValue());
  }

  @Test
  void models() {
    authorized()
        .get("/v1/models")
        .then()
        .statusCode(200)
        .body("object", equalTo("list"))
        .body("data.id", equalTo(List.of(TestServer.MODEL, TestServer.ALIAS)))
        .body("data[0].object", equalTo("model"))
        .body("data[0].max_model_len", greaterThan(0))
        .body("data[0].permission[0].allow_sampling", equalTo(true));
    authorized()
        .get("/v1/models/" + TestServer.MODEL)
        .then()
        .statusCode(200)
        .body("id", equalTo(TestServer.MODEL));
    authorized()
        .get("/v1/models/no/such")
        .then()
        .statusCode(404)
        .body("error.param", equalTo("model"))
        .body("error.type", equalTo("NotFoundError"));
  }

  @Test
  void tokenizeChat() {
    post("/tokenize", "{'messages':[{'role':'user','content':'Hi'}],'return_token_strs':true}")
        .then()
        .statusCode(200)
        .body("count", greaterThan(4))
        .body("max_model_len", greaterThan(0))
        .body("token_strs", hasItem("<|im_start|>"));
  }

  @Test
  void healthAndVersion() {
    RestAssured.get("/health").then().statusCode(200);
    RestAssured.get("/ping").then().statusCode(200);
    RestAssured.given().post("/ping").then().statusCode(200);
    authorized()
        .get("/version")
        .then()
        .statusCode(200)
        .body("version", matchesPattern("\\d+\\.\\d+\\.\\d+.*"));
  }

  @Test
  void metrics() {
    post("/v1/completions", "{'prompt':'Once','max_tokens':3}").then().statusCode(200);
    String labels = "{engine=\"0\",model_name=\"" + TestServer.MODEL + "\"";
    String text =
        authorized()
            .get("/metrics")
            .then()
            .statusCode(200)
            .contentType(containsString("text/plain"))
            .body(containsString("vllm:num_requests_running" + labels + "} "))
            .body(containsString("vllm:kv_cache_usage_perc" + labels))
            .body(containsString("# TYPE vllm:time_to_first_token_seconds histogram"))
            .body(containsString(labels + ",finished_reason=\"length\"} "))
            .extract()
            .asString();
    for (String name :
        List.of(
            "vllm:prompt_tokens_total",
            "vllm:generation_tokens_total",
            "vllm:e2e_request_latency_seconds_count",
            "vllm:request_prompt_tokens_sum")) assertTrue(value(text, name + labels) > 0, name);
    for (String line : text.lines().toList())
      assertTrue(line.matches("# (HELP|TYPE) vllm:\\S+ .+|vllm:\\w+\\{.+\\} \\S+"), line);
  }

  static double value(String metrics, String start) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
