package dev.quern.openai;

import dev.quern.engine.CapacityException;
import dev.quern.engine.EngineLostException;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.Request;
import dev.quern.engine.ServedModel;
import java.util.List;
import java.util.function.Supplier;

/**
 * A checked body, not yet handed to the engine.
 *
 * @param id the answer's id, prefix included
 * @param requests one per prompt, each with the same n
 * @param stream the client wants chunks
 * @param includeUsage the stream ends with a chunk of usage
 */
public record Call(
    String id,
    ServedModel model,
    List<Request> requests,
    boolean stream,
    boolean includeUsage,
    Supplier<GenerationListener> observers,
    Form form) {

  /**
   * Hands all prompts to the engine.
   *
   * @throws ApiException where one of them can never be served
   * @throws CapacityException where the queue is full; none of the prompts goes on
   * @throws EngineLostException where the engine has failed
   */
  public Answer start() {
    return start(null);
  }

  /**
   * The same, with a call back.
   *
   * @param finished run once, on the engine's thread, when all is generated or has failed, so that
   *     {@link Answer#whole} gives its result without waiting; or null
   */
  public Answer start(Runnable finished) {
    return Answer.start(this, finished);
  }
}
