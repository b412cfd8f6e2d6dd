package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.engine.EngineLostException;
import dev.quern.engine.ServedModel;
import dev.quern.openai.Answer;
import dev.quern.openai.ApiException;
import dev.quern.openai.Call;
import dev.quern.openai.CallOptions;
import dev.quern.openai.ChatCompletions;
import dev.quern.openai.Completions;
import dev.quern.openai.Json;
import dev.quern.openai.Policy;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A loaded model, with the checks and the answers that HTTP gives. */
record ModelAnswerer(ServedModel model, Policy policy) implements Answerer {
  @Override
  public void start(BatchLine line, String requestId, Consumer<Supplier<LineAnswer>> finished) {
    CallOptions options = CallOptions.ofBatch(requestId, policy);
    Call call =
        line.url().equals(BatchLine.CHAT)
            ? ChatCompletions.parse(model, line.body(), options)
            : Completions.parse(model, line.body(), options);
    // The engine may be done before start() returns.
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Answer started = call.start(() -> finished.accept(() -> whole(answer.join())));
    answer.complete(started);
  }

  @Override
  public long outputTokens() {
    return model.engine().stats().generationTokens();
  }

  private static LineAnswer whole(Answer answer) {
    try {
      JsonNode body = Json.tree(answer.whole());
      JsonNode usage = body.path("usage");
      return new LineAnswer.Done(
          body,
          usage.path("prompt_tokens").longValue(),
          usage.path("completion_tokens").longValue());
    } catch (ApiException e) {
      if (e.getCause() instanceof EngineLostException lost) throw lost;
      return new LineAnswer.Failed(e.error());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineLostException("interrupted", e);
    }
  }
}
