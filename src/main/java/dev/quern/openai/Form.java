package dev.quern.openai;

import dev.quern.engine.Delta;
import dev.quern.engine.GenerationResult;
import java.util.List;

/** How the engine's results become an endpoint's records. One for each call, not thread-safe. */
interface Form {
  /** The whole answer, of one result per prompt. */
  WholeAnswer whole(List<GenerationResult> results);

  /** The chunks that come before the first output. */
  List<Object> opening();

  /** The chunk for new output, or null where it has nothing to tell; the index is the choice. */
  Object chunk(Delta delta);

  /** The last chunk, with the usage. */
  Object closing(List<GenerationResult> results);
}
