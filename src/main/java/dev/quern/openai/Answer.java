package dev.quern.openai;

import dev.quern.engine.Delta;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import java.util.ArrayList;
import java.util.List;

/** A call under way. Read by one thread, either whole or as chunks; cancelled from any thread. */
public final class Answer {
  private final Call call;
  private final ChunkQueue queue;
  private final List<Generation> generations = new ArrayList<>();
  private boolean opened;
  private boolean ended;

  private Answer(Call call) {
    this.call = call;
    int n = call.requests().getFirst().params().n();
    queue = call.stream() ? new ChunkQueue(call.requests().size(), n) : null;
  }

  static Answer start(Call call) {
    Answer answer = new Answer(call);
    try {
      for (int i = 0; i < call.requests().size(); i++)
        answer.generations.add(
            call.model().engine().submit(call.requests().get(i), answer.listener(i)));
      return answer;
    } catch (RuntimeException e) {
      answer.cancel();
      throw ApiException.of(e);
    }
  }

  private GenerationListener listener(int prompt) {
    GenerationListener observer = call.observers() == null ? null : call.observers().get();
    if (queue == null) return observer;
    GenerationListener own = queue.listener(prompt);
    return observer == null ? own : new Both(own, observer);
  }

  private record Both(GenerationListener first, GenerationListener second)
      implements GenerationListener {
    @Override
    public void onDelta(Delta delta) {
      first.onDelta(delta);
      second.onDelta(delta);
    }

    @Override
    public void onDone(GenerationResult result) {
      first.onDone(result);
      second.onDone(result);
    }

    @Override
    public void onError(RuntimeException error) {
      first.onError(error);
      second.onError(error);
    }
  }

  /**
   * Waits for the whole answer; a record for {@link Json}.
   *
   * @throws ApiException when the engine fails
   */
  public Object whole() throws InterruptedException {
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
}
