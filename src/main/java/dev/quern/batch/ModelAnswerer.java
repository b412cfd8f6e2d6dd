package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.quern.batch.store.LineHash;
import dev.quern.engine.EngineLostException;
import dev.quern.engine.Request;
import dev.quern.engine.ServedModel;
import dev.quern.openai.Answer;
import dev.quern.openai.ApiException;
import dev.quern.openai.Call;
import dev.quern.openai.CallOptions;
import dev.quern.openai.CallOptions.Stamp;
import dev.quern.openai.ChatCompletions;
import dev.quern.openai.Completions;
import dev.quern.openai.Policy;
import dev.quern.openai.Tokenizing;
import dev.quern.openai.Usage;
import dev.quern.openai.WholeAnswer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A loaded model, with the checks and the answers that HTTP gives.
 *
 * <p>A line without a seed gets one of its own, so that an answer does not depend on what ran
 * before it, in this attempt or another.
 *
 * @param stamp what answers carry in place of the time and of this engine's settings
 */
record ModelAnswerer(ServedModel model, Policy policy, Stamp stamp) implements Answerer {
  @Override
  public Work prepare(BatchLine line, String requestId) {
    CallOptions options = CallOptions.ofBatch(requestId, policy, stamp);
    return switch (line.url()) {
      case BatchLine.TOKENIZE -> new Text(Tokenizing.tokenize(model, line.body(), options));
      case BatchLine.DETOKENIZE -> new Text(Tokenizing.detokenize(model, line.body(), options));
      default -> new CallWork(parse(line, options));
    };
  }

  /** What needs no engine and has its answer by now. */
  private record Text(Object response) implements Work {
    @Override
    public int sequences() {
      return 0;
    }

    @Override
    public long promptTokens() {
      return 0;
    }

    @Override
    public long outputTokens() {
      return 0;
    }

    @Override
    public void start(Consumer<Supplier<LineAnswer>> finished) {
      finished.accept(() -> new LineAnswer.Done(response, 0, 0));
    }
  }

  private record CallWork(Call call) implements Work {
    @Override
    public int sequences() {
      return call.requests().size() * call.requests().getFirst().params().n();
    }

    @Override
    public long promptTokens() {
      long tokens = 0;
      for (Request request : call.requests()) tokens += request.promptTokens().length;
      return tokens;
    }

    @Override
    public long outputTokens() {
      long tokens = 0;
      for (Request request : call.requests())
        tokens += (long) request.params().n() * request.params().maxTokens();
      return tokens;
    }

    @Override
    public void start(Consumer<Supplier<LineAnswer>> finished) {
      // The engine may be done before start() returns.
      CompletableFuture<Answer> answer = new CompletableFuture<>();
      Answer started = call.start(() -> finished.accept(() -> whole(answer.join())));
      answer.complete(started);
    }
  }

  /** What a line asks of the engine; none where it asks nothing. */
  List<Request> requests(BatchLine line, String requestId) {
    return prepare(line, requestId) instanceof CallWork(Call call) ? call.requests() : List.of();
  }

  private Call parse(BatchLine line, CallOptions options) {
    JsonNode seed = line.body().get("seed");
    if (seed == null || seed.isNull()) line.body().put("seed", seed(options.requestId()));
    return line.url().equals(BatchLine.CHAT)
        ? ChatCompletions.parse(model, line.body(), options)
        : Completions.parse(model, line.body(), options);
  }

  /** Of the line's number, its text and what its result depends on: all that the id is made of. */
  private static long seed(String requestId) {
    return LineHash.of(requestId.getBytes(StandardCharsets.US_ASCII)) & Long.MAX_VALUE;
  }

  @Override
  public double kvUse() {
    return model.engine().stats().kvUsage();
  }

  @Override
  public long outputTokens() {
    return model.engine().stats().generationTokens();
  }

  private static LineAnswer whole(Answer answer) {
    try {
      WholeAnswer body = answer.whole();
      Usage usage = body.usage();
      return new LineAnswer.Done(body, usage.promptTokens(), usage.completionTokens());
    } catch (ApiException e) {
      if (e.getCause() instanceof EngineLostException lost) throw lost;
      return new LineAnswer.Failed(e.error());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineLostException("interrupted", e);
    }
  }
}
