package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.Output;
import java.io.Closeable;
import java.io.IOException;

/** Where results go, one at a time. One thread writes, another asks what to do with lines. */
interface Results extends Closeable {
  /** When it returns, the result survives the end of this process. */
  void write(Result result) throws IOException;

  /** What earlier attempts left of a line; one that needs no run has no number (0). */
  default Line admit(Line line) throws IOException {
    return line;
  }

  /** Where the reading starts. */
  default Frontier frontier() {
    return Frontier.START;
  }

  /** Called often, so that what was written survives the machine too. */
  default void settle(Frontier frontier, boolean now) throws IOException {}

  /** Every line has its result. */
  default void finish() throws IOException {}

  /** Over all attempts; null where there is but one. */
  default Output.Counts counts() {
    return null;
  }
}
