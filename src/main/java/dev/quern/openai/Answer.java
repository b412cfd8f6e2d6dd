package dev.quern.openai;

import dev.quern.engine.Delta;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.InvalidRequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A call under way. Read by one thread, either whole or as chunks; cancelled from any thread. */
public final class Answer {
  private final Call call;
  private final ChunkQueue queue;
  private final Runnable finished;

  /** Requests under way, and one for the submitting: no call back comes before that is done. */
  private final AtomicInteger unfinished;

  private final List<Generation> generations = new ArrayList<>();
  private boolean opened;
  private boolean ended;

  private Answer(Call call, Runnable finished) {
    this.call = call;
    this.finished = finished;
    unfinished = new AtomicInteger(call.requests().size() + 1);
    int n = call.requests().getFirst().params().n();
    queue = call.stream() ? new ChunkQueue(call.requests().size(), n) : null;
  }

  static Answer start(Call call, Runnable finished) {
    Answer answer = new Answer(call, finished);
    try {
      for (int i = 0; i < call.requests().size(); i++)
        answer.generations.add(
            call.model().engine().submit(call.requests().get(i), answer.listener(i)));
    } catch (InvalidRequestException e) {
      answer.cancel();
      throw ApiException.of(e);
    } catch (RuntimeException e) {
      answer.cancel();
      throw e;
    }
    answer.finishOne();
    return answer;
  }

  private void finishOne() {
    if (unfinished.decrementAndGet() == 0 && finished != null) finished.run();
  }

  /**
   * Of one prompt: the stream's queue, the caller's observer, the count; null where none listens.
   */
  private GenerationListener listener(int prompt) {
    List<GenerationListener> listeners = new ArrayList<>(3);
    if (queue != null) listeners.add(queue.listener(prompt));
    if (call.observers() != null) listeners.add(call.observers().get());
    if (finished != null) listeners.add(new End(this::finishOne));
    return switch (listeners.size()) {
      case 0 -> null;
      case 1 -> listeners.getFirst();
      default -> new All(listeners);
    };
  }

  /**
   * Waits for the whole answer.
   *
   * @throws ApiException when the engine fails
   */
  public WholeAnswer whole() throws InterruptedException {
    List<GenerationResult> results = new ArrayList<>(generations.size());
    try {
      for (Generation generation : generations) results.add(generation.await());
      return call.form().whole(results);
    } catch (RuntimeException e) {
      throw ApiException.of(e);
    } finally {
      if (results.size() < generations.size()) cancel();
    }
  }

  /**
   * Waits for chunks and takes all that are there; empty at the end or after {@link #cancel}.
   *
   * @throws ApiException when the engine fails
   */
  public List<Object> next() throws InterruptedException {
    List<Object> chunks = new ArrayList<>();
    try {
      while (chunks.isEmpty() && !ended) {
        List<Delta> deltas = queue.take();
        if (deltas.isEmpty()) {
          ended = true;
          if (call.includeUsage() && !queue.isClosed())
            chunks.add(call.form().closing(queue.results()));
        } else if (!opened) {
          opened = true;
          chunks.addAll(call.form().opening());
        }
        for (Delta delta : deltas) {
          Object chunk = call.form().chunk(delta);
          if (chunk != null) chunks.add(chunk);
        }
      }
      return chunks;
    } catch (RuntimeException e) {
      cancel();
      throw ApiException.of(e);
    }
  }

  /** Stops all of the call's generations. Idempotent. */
  public void cancel() {
    if (queue != null) queue.close();
    for (Generation generation : generations) generation.cancel();
  }

  private record All(List<GenerationListener> listeners) implements GenerationListener {
    @Override
    public void onDelta(Delta delta) {
      for (GenerationListener listener : listeners) listener.onDelta(delta);
    }

    @Override
    public void onDone(GenerationResult result) {
      for (GenerationListener listener : listeners) listener.onDone(result);
    }

    @Override
    public void onError(RuntimeException error) {
      for (GenerationListener listener : listeners) listener.onError(error);
    }
  }

  private record End(Runnable reached) implements GenerationListener {
    @Override
    public void onDelta(Delta delta) {}

    @Override
    public void onDone(GenerationResult result) {
      reached.run();
    }

    @Override
    public void onError(RuntimeException error) {
      reached.run();
    }
  }
}
