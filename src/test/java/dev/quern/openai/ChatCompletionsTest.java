package dev.quern.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.ServedModel;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What bodies of chats become, and what their answers look like. */
class ChatCompletionsTest {
  private static final CallOptions OPTIONS = new CallOptions(null, false, Policy.DEFAULT, null);

  private static final ServedModel MODEL = ScriptedEngine.model("A tale, then.");
  private static final String HI = "{'messages':[{'role':'user','content':'Hi'}]";

  private static String prompt(String body) throws InterruptedException {
    return Bodies.whole(Bodies.chat(MODEL, body)).get("prompt_text").textValue();
  }

  @Test
  void rendersMessages() throws Exception {
    String expected = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
    assertEquals(expected, prompt(HI + ",'return_prompt_text':true}"));
    String parts =
        "{'messages':[{'role':'user','content':[{'type':'text','text':'H'},"
            + "{'type':'text','text':'i'}]}],'return_prompt_text':true}";
    assertEquals(expected.replace("Hi", "H\ni"), prompt(parts));
  }

  @Test
  void developersBecomeSystemWhereTheTemplateKnowsNone() throws Exception {
    String body =
        "{'messages':[{'role':'developer','content':'D'},{'role':'user','content':'U'}],"
            + "'return_prompt_text':true}";
    assertTrue(prompt(body).startsWith("<|im_start|>system\nD<|im_end|>"));
  }

  @Test
  void continuesTheLastMessage() throws Exception {
    String body =
        "{'messages':[{'role':'user','content':'U'},{'role':'assistant','content':'Once'}],"
            + "'add_generation_prompt':false,'continue_final_message':true,"
            + "'return_prompt_text':true,'echo':true}";
    JsonNode answer = Bodies.whole(Bodies.chat(MODEL, body));
    assertTrue(answer.get("prompt_text").textValue().endsWith("assistant\nOnce"));
    assertEquals("OnceA tale, then.", content(answer));
  }

  private static String content(JsonNode answer) {
    return answer.get("choices").get(0).get("message").get("content").textValue();
  }

  @Test
  void templatesOfRequestsNeedTrust() throws Exception {
    Policy trusting = new Policy(true, false, false, "assistant", ContentFormat.AUTO);
    Call call =
        ChatCompletions.parse(
            MODEL,
            Bodies.json(
                HI
                    + ",'chat_template':'<{{ word }}>','chat_template_kwargs':{'word':'w'},"
                    + "'return_prompt_text':true}"),
            new CallOptions("id", false, trusting, null));
    assertEquals("<w>", Bodies.whole(call).get("prompt_text").textValue());
  }

  @Test
  void maxTokensIsTheRestOfTheContext() {
    int prompt = Bodies.chat(MODEL, HI + "}").requests().getFirst().promptTokens().length;
    assertEquals(ScriptedEngine.CONTEXT - prompt, maxTokens(MODEL, HI + "}"));
    assertEquals(9, maxTokens(MODEL, HI + ",'max_tokens':9}"));
    assertEquals(7, maxTokens(MODEL, HI + ",'max_tokens':9,'max_completion_tokens':7}"));
    ServedModel capped =
        ScriptedEngine.model("x", new SamplingDefaults(null, null, null, null, null, 20));
    assertEquals(20, maxTokens(capped, HI + "}"));
  }

  private static int maxTokens(ServedModel model, String body) {
    return Bodies.chat(model, body).requests().getFirst().params().maxTokens();
  }

  @Test
  void wholeAnswer() throws Exception {
    JsonNode answer = Bodies.whole(Bodies.chat(MODEL, HI + ",'logprobs':true,'top_logprobs':1}"));
    assertEquals("chatcmpl-id", answer.get("id").textValue());
    assertEquals("chat.completion", answer.get("object").textValue());
    JsonNode choice = answer.get("choices").get(0);
    assertEquals("assistant", choice.get("message").get("role").textValue());
    assertEquals("A tale, then.", content(answer));
    assertEquals("stop", choice.get("finish_reason").textValue());
    JsonNode logprobs = choice.get("logprobs").get("content");
    assertEquals(answer.get("usage").get("completion_tokens").intValue(), logprobs.size());
    JsonNode first = logprobs.get(0);
    assertEquals(first.get("token").textValue().length(), first.get("bytes").size());
    assertTrue(first.get("top_logprobs").get(0).has("logprob"));
  }

  @Test
  void chunksStartWithTheRoleAndEndWithTheReason() throws Exception {
    List<JsonNode> chunks =
        Bodies.stream(
            Bodies.chat(
                MODEL,
                HI
                    + ",'stream':true,'return_token_ids':true,"
                    + "'stream_options':{'include_usage':true,'continuous_usage_stats':true}}"));
    JsonNode first = chunks.getFirst().get("choices").get(0);
    assertEquals("assistant", first.get("delta").get("role").textValue());
    assertEquals("", first.get("delta").get("content").textValue());
    assertTrue(chunks.getFirst().has("prompt_token_ids"));
    StringBuilder text = new StringBuilder();
    int tokens = 0;
    for (JsonNode chunk : chunks.subList(1, chunks.size() - 1)) {
      JsonNode choice = chunk.get("choices").get(0);
      text.append(choice.get("delta").get("content").textValue());
      assertFalse(choice.get("delta").has("role"));
      tokens += choice.get("token_ids").size();
      assertEquals(tokens, chunk.get("usage").get("completion_tokens").intValue());
    }
    assertEquals("A tale, then.", text.toString());
    JsonNode ended = chunks.get(chunks.size() - 2);
    assertEquals("stop", ended.get("choices").get(0).get("finish_reason").textValue());
    assertTrue(ended.get("choices").get(0).get("stop_reason").isNull());
    assertTrue(ended.has("system_fingerprint"));
    assertTrue(chunks.getLast().get("choices").isEmpty());
  }

  @Test
  void tokenizes() {
    Tokenizing.Tokens tokens =
        Tokenizing.tokenize(
            MODEL, Bodies.json("{'prompt':'Once upon a time','return_token_strs':true}"), OPTIONS);
    assertEquals(tokens.count(), tokens.tokens().length);
    assertEquals(tokens.count(), tokens.tokenStrs().size());
    String ids = Arrays.toString(tokens.tokens());
    assertEquals(
        "Once upon a time",
        Tokenizing.detokenize(MODEL, Bodies.json("{'tokens':" + ids + "}"), OPTIONS).prompt());
    assertTrue(Tokenizing.tokenize(MODEL, Bodies.json(HI + "}"), OPTIONS).count() > 4);
  }
}
