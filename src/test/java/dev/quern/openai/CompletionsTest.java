package dev.quern.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.ServedModel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What bodies of completions become, and what their answers look like. */
class CompletionsTest {
  private static final ServedModel MODEL = ScriptedEngine.model(" there was a king.");

  private static Request only(String body) {
    return Bodies.completion(MODEL, body).requests().getFirst();
  }

  @Test
  void readsEverySamplingField() {
    SamplingParams params =
        only("{'prompt':'x','n':3,'presence_penalty':0.5,'frequency_penalty':-0.5,"
                + "'repetition_penalty':1.1,'temperature':0.7,'top_p':0.9,'top_k':40,"
                + "'min_p':0.05,'seed':42,'stop':'END','stop_token_ids':[5,6],"
                + "'ignore_eos':true,'max_tokens':20,'min_tokens':2,'logprobs':4,"
                + "'prompt_logprobs':1,'skip_special_tokens':false,"
                + "'spaces_between_special_tokens':false,'include_stop_str_in_output':true,"
                + "'logit_bias':{'7':200,'8':-1},'allowed_token_ids':[1,2],'bad_words':['b']}")
            .params();
    assertEquals(3, params.n());
    assertEquals(0.5f, params.presencePenalty());
    assertEquals(-0.5f, params.frequencyPenalty());
    assertEquals(1.1f, params.repetitionPenalty());
    assertEquals(0.7f, params.temperature());
    assertEquals(0.9f, params.topP());
    assertEquals(40, params.topK());
    assertEquals(0.05f, params.minP());
    assertEquals(42, params.seed());
    assertEquals(List.of("END"), params.stop());
    assertEquals(List.of(5, 6), params.stopTokenIds());
    assertTrue(params.ignoreEos());
    assertEquals(20, params.maxTokens());
    assertEquals(2, params.minTokens());
    assertEquals(4, params.logprobs());
    assertEquals(1, params.promptLogprobs());
    assertFalse(params.skipSpecialTokens());
    assertFalse(params.spacesBetweenSpecialTokens());
    assertTrue(params.includeStopStrInOutput());
    assertEquals(100f, params.logitBias().get(7));
    assertEquals(-1f, params.logitBias().get(8));
    assertEquals(List.of(1, 2), params.allowedTokenIds());
    assertEquals(List.of("b"), params.badWords());
  }

  @Test
  void defaultsComeFromTheModelUnlessTheBodySaysOtherwise() {
    ServedModel model =
        ScriptedEngine.model("x", new SamplingDefaults(1.2f, 0.6f, 20, 0.8f, 0.1f, 10));
    SamplingParams silent =
        Bodies.completion(model, "{'prompt':'x'}").requests().getFirst().params();
    assertEquals(1.2f, silent.repetitionPenalty());
    assertEquals(0.6f, silent.temperature());
    assertEquals(20, silent.topK());
    assertEquals(0.8f, silent.topP());
    assertEquals(0.1f, silent.minP());
    assertEquals(10, silent.maxTokens(), "the cap holds");
    SamplingParams loud =
        Bodies.completion(
                model,
                "{'prompt':'x','repetition_penalty':1,'temperature':1,'top_k':0,'top_p':1,"
                    + "'min_p':0,'max_tokens':5}")
            .requests()
            .getFirst()
            .params();
    assertEquals(1f, loud.temperature());
    assertEquals(0, loud.topK());
    assertEquals(5, loud.maxTokens());
  }

  @Test
  void maxTokensIs16AndEndsWithTheContext() {
    assertEquals(16, only("{'prompt':'x'}").params().maxTokens());
    String ids = "1,".repeat(ScriptedEngine.CONTEXT - 6) + "1";
    assertEquals(5, only("{'prompt':[" + ids + "]}").params().maxTokens());
  }

  @Test
  void truncatesFromTheLeftUnlessTold() {
    String body = "{'prompt':[1,2,3,4],'truncate_prompt_tokens':2";
    assertEquals(List.of(3, 4), ids(only(body + "}")));
    assertEquals(List.of(1, 2), ids(only(body + ",'truncation_side':'right'}")));
  }

  private static List<Integer> ids(Request request) {
    return Arrays.stream(request.promptTokens()).boxed().toList();
  }

  @Test
  void wholeAnswer() throws Exception {
    JsonNode answer =
        Bodies.whole(Bodies.completion(MODEL, "{'prompt':['a','b'],'n':2,'max_tokens':3}"));
    assertEquals("cmpl-id", answer.get("id").textValue());
    assertEquals("text_completion", answer.get("object").textValue());
    assertEquals("tales", answer.get("model").textValue());
    assertEquals(4, answer.get("choices").size());
    for (int i = 0; i < 4; i++) {
      JsonNode choice = answer.get("choices").get(i);
      assertEquals(i, choice.get("index").intValue());
      assertEquals("length", choice.get("finish_reason").textValue());
      assertTrue(choice.get("stop_reason").isNull());
      assertTrue(choice.get("logprobs").isNull());
      assertFalse(choice.has("token_ids"));
    }
    assertEquals(12, answer.get("usage").get("completion_tokens").intValue());
    int prompt = answer.get("usage").get("prompt_tokens").intValue();
    assertEquals(prompt + 12, answer.get("usage").get("total_tokens").intValue());
    assertFalse(answer.get("usage").has("prompt_tokens_details"));
    assertTrue(answer.get("system_fingerprint").textValue().startsWith("fp_"));
  }

  @Test
  void tokenIdsLogprobsAndEcho() throws Exception {
    JsonNode answer =
        Bodies.whole(
            Bodies.completion(
                MODEL,
                "{'prompt':'Once','echo':true,'logprobs':2,'max_tokens':2,'return_token_ids':true,"
                    + "'return_tokens_as_token_ids':true}"));
    JsonNode choice = answer.get("choices").get(0);
    assertTrue(choice.get("text").textValue().startsWith("Once there"), choice.toString());
    int prompt = choice.get("prompt_token_ids").size();
    assertEquals(2, choice.get("token_ids").size());
    JsonNode logprobs = choice.get("logprobs");
    assertEquals(prompt + 2, logprobs.get("tokens").size());
    assertTrue(logprobs.get("token_logprobs").get(0).isNull(), "nothing predicts the first");
    assertTrue(logprobs.get("top_logprobs").get(0).isNull());
    int id = choice.get("token_ids").get(0).intValue();
    assertEquals("token_id:" + id, logprobs.get("tokens").get(prompt).textValue());
    assertEquals(-id / 1000f, logprobs.get("token_logprobs").get(prompt).floatValue());
    assertEquals(2, logprobs.get("top_logprobs").get(prompt).size());
  }

  @Test
  void echoWithoutGenerationTellsThePromptAlone() throws Exception {
    JsonNode answer =
        Bodies.whole(
            Bodies.completion(
                MODEL, "{'prompt':'Once upon','echo':true,'max_tokens':0,'logprobs':1}"));
    JsonNode choice = answer.get("choices").get(0);
    assertEquals("Once upon", choice.get("text").textValue());
    assertEquals(0, answer.get("usage").get("completion_tokens").intValue());
    JsonNode offsets = choice.get("logprobs").get("text_offset");
    assertEquals(choice.get("logprobs").get("tokens").size(), offsets.size());
    assertEquals(0, offsets.get(0).intValue());
  }

  @Test
  void promptLogprobsAreKeyedById() throws Exception {
    JsonNode choice =
        Bodies.whole(Bodies.completion(MODEL, "{'prompt':[50,60],'prompt_logprobs':1}"))
            .get("choices")
            .get(0);
    JsonNode positions = choice.get("prompt_logprobs");
    assertTrue(positions.get(0).isNull());
    assertEquals(-0.06f, positions.get(1).get("60").get("logprob").floatValue());
    assertEquals(2, positions.get(1).get("60").get("rank").intValue());
    assertEquals(1, positions.get(1).get("61").get("rank").intValue());
    assertTrue(positions.get(1).get("60").has("decoded_token"));
  }

  @Test
  void chunksJoinToTheWhole() throws Exception {
    String body = "{'prompt':'Once','n':2,'echo':true,";
    JsonNode whole = Bodies.whole(Bodies.completion(MODEL, body + "'stream':false}"));
    List<JsonNode> chunks =
        Bodies.stream(
            Bodies.completion(
                MODEL, body + "'stream':true,'stream_options':{'include_usage':true}}"));
    String[] texts = {"", ""};
    String[] ends = new String[2];
    for (JsonNode chunk : chunks.subList(0, chunks.size() - 1)) {
      assertEquals("text_completion", chunk.get("object").textValue());
      assertFalse(chunk.has("usage"));
      JsonNode choice = chunk.get("choices").get(0);
      int i = choice.get("index").intValue();
      assertNull(ends[i], "nothing after the end");
      texts[i] += choice.get("text").textValue();
      ends[i] = choice.get("finish_reason").textValue();
      assertEquals(ends[i] != null, chunk.has("system_fingerprint"));
    }
    JsonNode last = chunks.getLast();
    assertTrue(last.get("choices").isEmpty());
    assertEquals(whole.get("usage"), last.get("usage"));
    for (int i = 0; i < 2; i++) {
      assertEquals(whole.get("choices").get(i).get("text").textValue(), texts[i]);
      assertEquals("stop", ends[i]);
    }
  }

  @Test
  void usageTellsOfCachedTokensWhereTheOperatorWantsIt() throws Exception {
    Policy details = new Policy(false, true, true, "assistant", ContentFormat.AUTO);
    CallOptions options = new CallOptions("id", false, details, null);
    JsonNode body = Bodies.json("{'prompt':['a','b'],'stream':true}");
    JsonNode usage = Bodies.stream(Completions.parse(MODEL, body, options)).getLast().get("usage");
    assertEquals(6, usage.get("prompt_tokens_details").get("cached_tokens").intValue());
  }

  @Test
  void batchLinesEchoTheirModel() {
    Call call =
        Completions.parse(
            MODEL,
            Bodies.json("{'model':'somebody/else','prompt':'x'}"),
            CallOptions.ofBatch("7", Policy.DEFAULT, null));
    assertEquals("cmpl-7", call.id());
  }
}
