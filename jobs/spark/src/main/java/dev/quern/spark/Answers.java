package dev.quern.spark;

import dev.quern.Quern;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.InvalidRequestException;
import dev.quern.engine.SamplingParamsBuilder;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * A model and the answering of prompts, on the application's side: {@link ExecutorModel} makes it
 * in a class loader that knows the application and not Spark, so it speaks to the other side in the
 * JDK's types only. Prompts come as {@code {id, prompt}}, answers go as {@code {id, text, finish
 * reason, output tokens, error}} in the same order.
 */
public final class Answers implements Function<Iterator<String[]>, Iterator<Object[]>> {
  /** Prompts of one partition that are in the engine at once. */
  private static final int AHEAD = 64;

  private final Quern model;
  private final int maxTokens;
  private final Float temperature;

  public Answers(String model, Map<String, String> flags, int maxTokens, Float temperature) {
    this.model = Quern.load(model, flags);
    this.maxTokens = maxTokens;
    this.temperature = temperature;
  }

  @Override
  public Iterator<Object[]> apply(Iterator<String[]> prompts) {
    return new Ahead(prompts);
  }

  /** One that runs, or why it cannot. */
  private record Started(String id, Generation generation, String error) {}

  private Started start(String[] prompt) {
    String id = prompt[0];
    // Of the id alone, so that a task that runs again gives the same answers.
    SamplingParamsBuilder params =
        model.sampling().maxTokens(maxTokens).seed(id.hashCode() & 0x7fff_ffffL);
    if (temperature != null) params.temperature(temperature);
    try {
      if (prompt[1] == null) return new Started(id, null, "the prompt is null");
      return new Started(id, model.stream(prompt[1], params.build(), _ -> {}), null);
    } catch (InvalidRequestException e) {
      return new Started(id, null, e.getMessage());
    }
  }

  private static Object[] answer(Started started) {
    if (started.error != null) return new Object[] {started.id, null, null, null, started.error};
    GenerationResult.Output output;
    try {
      output = started.generation.await().outputs().getFirst();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the task was interrupted", e);
    }
    String finish = output.finish().toString().toLowerCase(java.util.Locale.ROOT);
    return new Object[] {started.id, output.text(), finish, output.tokens().length, null};
  }

  /** Keeps the engine busy while the caller takes one answer after another. */
  private final class Ahead implements Iterator<Object[]>, AutoCloseable {
    private final Iterator<String[]> prompts;
    private final ArrayDeque<Started> running = new ArrayDeque<>();

    Ahead(Iterator<String[]> prompts) {
      this.prompts = prompts;
    }

    @Override
    public boolean hasNext() {
      return !running.isEmpty() || prompts.hasNext();
    }

    @Override
    public Object[] next() {
      while (running.size() < AHEAD && prompts.hasNext()) running.add(start(prompts.next()));
      Started first = running.poll();
      if (first == null) throw new NoSuchElementException();
      return answer(first);
    }

    /** The task is over: what nobody waits for any more is stopped. */
    @Override
    public void close() {
      for (Started left : running) if (left.generation != null) left.generation.cancel();
      running.clear();
    }
  }
}
