package dev.quern.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.quern.engine.CapacityException;
import dev.quern.engine.EngineLostException;
import dev.quern.openai.ApiError;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A model that says the prompt again. A prompt of the form {@code "wait 30"} takes so many
 * milliseconds, {@code "break"} is a bug, {@code "refuse"} a bad request, {@code "lost"} the
 * engine's end.
 */
final class FakeAnswerer implements Answerer, AutoCloseable {
  private final ScheduledExecutorService engine = new ScheduledThreadPoolExecutor(2);
  private final int capacity;
  private final AtomicInteger running = new AtomicInteger();
  final AtomicInteger started = new AtomicInteger();
  final AtomicInteger mostRunning = new AtomicInteger();
  final AtomicInteger refusals = new AtomicInteger();
  final ConcurrentHashMap<String, Integer> urls = new ConcurrentHashMap<>();

  FakeAnswerer(int capacity) {
    this.capacity = capacity;
  }

  @Override
  public Work prepare(BatchLine line, String requestId) {
    String prompt =
        line.url().equals(BatchLine.CHAT)
            ? line.body().path("messages").path(0).path("content").asText()
            : line.body().path("prompt").asText();
    if (prompt.equals("break")) throw new IllegalStateException("a bug");
    return new FakeWork(line, prompt);
  }

  private final class FakeWork implements Work {
    private final BatchLine line;
    private final String prompt;

    FakeWork(BatchLine line, String prompt) {
      this.line = line;
      this.prompt = prompt;
    }

    @Override
    public int sequences() {
      return 1;
    }

    @Override
    public long promptTokens() {
      return 3;
    }

    @Override
    public long outputTokens() {
      return line.body().path("max_tokens").asInt(16);
    }

    @Override
    public void start(Consumer<Supplier<LineAnswer>> finished) {
      if (prompt.equals("lost")) throw new EngineLostException("the device is gone", null);
      if (running.incrementAndGet() > capacity) {
        running.decrementAndGet();
        refusals.incrementAndGet();
        throw new CapacityException("full");
      }
      started.incrementAndGet();
      mostRunning.accumulateAndGet(running.get(), Math::max);
      urls.merge(line.url(), 1, Integer::sum);
      long millis = prompt.startsWith("wait ") ? Long.parseLong(prompt.substring(5)) : 0;
      Runnable answer =
          () -> {
            running.decrementAndGet();
            finished.accept(
                prompt.equals("refuse")
                    ? () -> new LineAnswer.Failed(ApiError.of(400, "no", "prompt"))
                    : () -> done(prompt, line));
          };
      engine.schedule(answer, millis, TimeUnit.MILLISECONDS);
    }
  }

  private static LineAnswer done(String prompt, BatchLine line) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.set("model", line.body().get("model"));
    body.putArray("choices").addObject().put("text", prompt);
    return new LineAnswer.Done(body, 3, 5);
  }

  @Override
  public long outputTokens() {
    return 5L * started.get();
  }

  @Override
  public void close() {
    engine.shutdownNow();
  }
}
