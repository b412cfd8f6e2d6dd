package dev.quern.openai;

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
   * @throws ApiException where it takes one of them not; then none of them goes on
   */
  public Answer start() {
    return Answer.start(this);
  }
}
