package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every shape of an input line, good and bad, and what its result looks like. */
class LineShapesTest {
  @Test
  void openAiAndPlainLinesAreAnswered() throws Exception {
    BatchRun run =
        BatchRun.of(
            """
            {"custom_id":"a","method":"POST","url":"/v1/completions","body":{"model":"tales","prompt":"one"}}
            {"custom_id":"b","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"two"}]}}
            {"prompt":"three","temperature":0}
            {"messages":[{"role":"user","content":"four"}],"custom_id":"d"}
            {"url":"/v1/completions","body":{"prompt":"five","stream":false}}
            """);
    assertEquals(0, run.exit());
    assertEquals(5, run.lines().size());
    assertEquals(
        List.of("one", "two", "three", "four", "five"),
        List.of(
            run.text("a"), run.text("b"), run.text("line-3"), run.text("d"), run.text("line-5")));
    assertEquals(2, run.model().urls.get(BatchLine.CHAT));
    assertEquals(3, run.model().urls.get(BatchLine.COMPLETIONS));
  }

  @Test
  void aResultHasEveryFieldNullsIncluded() throws Exception {
    BatchRun run = BatchRun.of("{\"prompt\":\"x\",\"custom_id\":\"a\"}\n{\"prompt\":\"refuse\"}\n");
    JsonNode good = run.line("a");
    assertEquals(List.of("id", "custom_id", "response", "error"), names(good));
    assertEquals(List.of("status_code", "request_id", "body"), names(good.get("response")));
    assertTrue(good.get("id").textValue().startsWith("quern-"));
    assertTrue(good.at("/response/request_id").textValue().startsWith("quern-batch-"));
    assertEquals(200, run.status("a"));
    assertTrue(good.get("error").isNull());
    JsonNode bad = run.line("line-2");
    assertEquals(400, run.status("line-2"));
    assertTrue(bad.at("/response/body").isNull());
    assertEquals(List.of("code", "message", "type", "param"), names(bad.get("error")));
    assertEquals("400", bad.at("/error/code").textValue());
    assertEquals("BadRequestError", bad.at("/error/type").textValue());
    assertEquals("prompt", bad.at("/error/param").textValue());
    assertEquals(ExitCode.BAD_INPUT, run.exit());
  }

  @Test
  void badLinesGetAnErrorLineAndTheJobGoesOn() throws Exception {
    BatchRun run =
        BatchRun.of(
            """
            {"prompt": "cut
            [1,2]
            "text"
            {"prompt":"a"} {"prompt":"b"}
            {"custom_id":7,"prompt":"a"}
            {"custom_id":"stream","prompt":"a","stream":true}
            {"custom_id":"url","url":"/v1/embeddings","body":{"input":"a"}}
            {"custom_id":"no-url","body":{"prompt":"a"}}
            {"custom_id":"no-body","url":"/v1/completions"}
            {"custom_id":"text-body","url":"/v1/completions","body":"a"}
            {"custom_id":"method","url":"/v1/completions","method":1,"body":{"prompt":"a"}}
            {"custom_id":"both","prompt":"a","messages":[]}
            {"custom_id":"neither","max_tokens":3}
            {"custom_id":"bug","prompt":"break"}
            {"custom_id":"good","prompt":"here"}
            """);
    assertEquals(ExitCode.BAD_INPUT, run.exit());
    assertEquals(15, run.lines().size());
    assertEquals("here", run.text("good"));
    assertTrue(run.message("line-1").startsWith("line 1: Invalid JSON: "), run.message("line-1"));
    assertEquals("line 2 is not a JSON object but a list", run.message("line-2"));
    assertEquals("line 3 is not a JSON object but a string", run.message("line-3"));
    assertTrue(run.message("line-4").contains("Invalid JSON"));
    assertEquals("custom_id must be a string, not a number", run.message("line-5"));
    assertTrue(run.message("stream").startsWith("stream: true has no meaning"));
    assertTrue(run.message("url").startsWith("url '/v1/embeddings' is not supported"));
    assertEquals("url", run.line("url").at("/error/param").textValue());
    assertEquals("url is missing or not a string", run.message("no-url"));
    assertEquals("body is missing or not an object", run.message("no-body"));
    assertEquals("body is missing or not an object", run.message("text-body"));
    assertEquals("method must be a string, not a number", run.message("method"));
    assertTrue(run.message("both").contains("both messages and prompt"));
    assertTrue(run.message("neither").contains("no messages and no prompt"));
    assertEquals(500, run.status("bug"));
    assertEquals("InternalServerError", run.line("bug").at("/error/type").textValue());
    assertTrue(run.summary().contains("15 requests, 14 failed"), run.summary());
  }

  @Test
  void foreignModelNamesAreEchoedAndCounted() throws Exception {
    BatchRun run =
        BatchRun.of(
            """
            {"prompt":"a","model":"gpt-4"}
            {"prompt":"b","model":"gpt-4"}
            {"prompt":"c","model":"tales"}
            {"prompt":"d"}
            {"prompt":"e","model":"other"}
            """);
    assertEquals("gpt-4", run.line("line-1").at("/response/body/model").textValue());
    assertTrue(
        run.summary().contains("3 lines name another model (gpt-4 ×2, other ×1); tales answered"),
        run.summary());
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
