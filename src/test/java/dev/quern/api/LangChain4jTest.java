package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiLanguageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** LangChain4j's OpenAI client, unchanged. */
@QuarkusTest
class LangChain4jTest {
  private static final String PROMPT = "Tell me a tale.";

  private static OpenAiChatModel.OpenAiChatModelBuilder chat() {
    return OpenAiChatModel.builder()
        .baseUrl(Client.uri("/v1").toString())
        .apiKey(TestServer.KEY)
        .modelName(TestServer.ALIAS)
        .temperature(0.0)
        .maxCompletionTokens(12)
        .maxRetries(0);
  }

  @Test
  void chatAndStreamSayTheSame() throws Exception {
    ChatResponse whole = chat().build().chat(UserMessage.from(PROMPT));
    assertFalse(whole.aiMessage().text().isEmpty());
    assertEquals(FinishReason.LENGTH, whole.finishReason());
    assertEquals(12, whole.tokenUsage().outputTokenCount());
    assertTrue(whole.id().startsWith("chatcmpl-"));

    CompletableFuture<ChatResponse> end = new CompletableFuture<>();
    AtomicInteger pieces = new AtomicInteger();
    OpenAiStreamingChatModel.builder()
        .baseUrl(Client.uri("/v1").toString())
        .apiKey(TestServer.KEY)
        .modelName(TestServer.ALIAS)
        .temperature(0.0)
        .maxCompletionTokens(12)
        .build()
        .chat(
            PROMPT,
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String piece) {
                pieces.incrementAndGet();
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                end.complete(response);
              }

              @Override
              public void onError(Throwable error) {
                end.completeExceptionally(error);
              }
            });
    ChatResponse streamed = end.get(60, TimeUnit.SECONDS);
    assertEquals(whole.aiMessage().text(), streamed.aiMessage().text());
    assertEquals(whole.tokenUsage().totalTokenCount(), streamed.tokenUsage().totalTokenCount());
    assertEquals(FinishReason.LENGTH, streamed.finishReason());
    assertTrue(pieces.get() > 1, "pieces: " + pieces);
  }

  @Test
  void completes() {
    OpenAiLanguageModel model =
        OpenAiLanguageModel.builder()
            .baseUrl(Client.uri("/v1").toString())
            .apiKey(TestServer.KEY)
            .modelName(TestServer.MODEL)
            .temperature(0.0)
            .maxRetries(0)
            .build();
    assertFalse(model.generate("Once upon a time").content().isEmpty());
  }

  @Test
  void errorsHaveTheirClasses() {
    List<UserMessage> hello = List.of(UserMessage.from(PROMPT));
    assertThrows(
        AuthenticationException.class, () -> chat().apiKey("wrong").build().chat(hello.getFirst()));
    assertThrows(
        ModelNotFoundException.class, () -> chat().modelName("gpt").build().chat(hello.getFirst()));
    assertThrows(
        InvalidRequestException.class, () -> chat().topP(7.0).build().chat(hello.getFirst()));
    assertThrows(RateLimitException.class, () -> trouble(TroubleEngine.FULL));
    assertThrows(InternalServerException.class, () -> trouble(TroubleEngine.LOST));
  }

  private static void trouble(String which) {
    chat().customParameters(Map.of("cache_salt", which)).build().chat(UserMessage.from(PROMPT));
  }
}
