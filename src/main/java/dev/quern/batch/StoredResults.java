package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.MismatchException;
import dev.quern.batch.store.Output;
import dev.quern.batch.store.Shard;
import java.io.IOException;

/**
 * Results in an {@link Output}, which knows the lines of earlier attempts.
 *
 * @param byText the input is a stream, whose lines are known by their text alone
 */
record StoredResults(Output output, Shard shard, boolean byText) implements Results {
  @Override
  public Line admit(Line line) throws IOException {
    if (!shard.has(line.number())) return line.numbered(0);
    if (byText) return line.numbered(output.numberOf(line.number(), line.hash()));
    return switch (output.fate(line.number(), line.hash())) {
      case RUN -> line;
      case KEEP -> line.numbered(0);
      case CHANGED ->
          throw new MismatchException(
              ("line %d is not the one that the output has a result of: the input was changed;"
                      + " --force answers changed lines again, --overwrite starts anew")
                  .formatted(line.number()));
    };
  }

  @Override
  public Frontier frontier() {
    return byText ? Frontier.START : output.frontier();
  }

  @Override
  public void write(Result result) throws IOException {
    output.write(result.key(), result.answer() instanceof LineAnswer.Failed, result.toLine());
  }

  @Override
  public void settle(Frontier frontier, boolean now) throws IOException {
    output.settle(byText ? Frontier.START : frontier, now);
  }

  @Override
  public void finish() throws IOException {
    output.finish();
  }

  @Override
  public Output.Counts counts() {
    return output.counts();
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
