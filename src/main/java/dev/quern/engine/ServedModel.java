package dev.quern.engine;

import dev.quern.text.ChatTemplates;
import dev.quern.text.Tokenizer;
import java.util.List;

/**
 * A loaded model as its callers see it.
 *
 * @param names all are accepted in requests, the first stands in answers; not empty
 * @param root the name or path it was loaded from
 * @param tokenizer null where only ids go in and out
 * @param chatTemplates null where the tokenizer is
 * @param defaults what the model says of sampling, and the operator in its place
 * @param maxModelLen the longest sequence in tokens, prompt and output together
 * @param release frees the engine and all that it runs on, or null; run by {@link #close}
 */
public record ServedModel(
    List<String> names,
    String root,
    Generator engine,
    Tokenizer tokenizer,
    ChatTemplates chatTemplates,
    SamplingDefaults defaults,
    int maxModelLen,
    Runnable release)
    implements AutoCloseable {
  public ServedModel {
    if (names.isEmpty()) throw new IllegalArgumentException("a served model needs a name");
    names = List.copyOf(names);
  }

  public String name() {
    return names.getFirst();
  }

  @Override
  public void close() {
    if (release != null) release.run();
  }
}
