package dev.quern.engine;

import dev.quern.text.Tokenizer;
import java.util.List;

/**
 * A loaded model as its callers see it.
 *
 * @param names all are accepted in requests, the first stands in answers; not empty
 * @param root the name or path it was loaded from
 * @param tokenizer null where only ids go in and out
 * @param maxModelLen the longest sequence in tokens, prompt and output together
 */
public record ServedModel(
    List<String> names,
    String root,
    Generator engine,
    Tokenizer tokenizer,
    SamplingDefaults defaults,
    int maxModelLen) {
  public ServedModel {
    if (names.isEmpty()) throw new IllegalArgumentException("a served model needs a name");
    names = List.copyOf(names);
  }

  public String name() {
    return names.getFirst();
  }
}
