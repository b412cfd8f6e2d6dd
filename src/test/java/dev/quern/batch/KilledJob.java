package dev.quern.batch;

import dev.quern.batch.store.Frontier;
import dev.quern.batch.store.Output;
import dev.quern.batch.store.QuickFolder;
import dev.quern.batch.store.SegmentFolder;
import dev.quern.batch.store.Shard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A job in a process of its own, for {@link KillTest}: INPUT OUTPUT SHARD. A folder's pieces hold a
 * few results, and its lease ends soon, so that short attempts get somewhere.
 */
final class KilledJob {
  private static final int PIECE_LINES = 50;

  private KilledJob() {}

  public static void main(String[] args) throws Exception {
    BatchOptions options =
        BatchOptions.DEFAULT
            .with(Shard.parse(args[2]))
            .with(new BatchOptions.Limits(1 << 20, 32, 1 << 20));
    int exit;
    try (FakeAnswerer model = new FakeAnswerer(1000);
        BatchJob job =
            args[1].endsWith("/")
                ? intoFolder(args[0], Path.of(args[1]), options)
                : BatchJob.open(args[0], args[1], options)) {
      System.out.println("running");
      exit =
          job.run(
              _ -> model,
              () -> Map.of("model", "fake"),
              List.of("tales"),
              BatchRun.LOOK_AHEAD,
              List.of());
    }
    Runtime.getRuntime().halt(exit);
  }

  private static BatchJob intoFolder(String input, Path path, BatchOptions options)
      throws IOException {
    SegmentFolder folder = QuickFolder.open(path, options.shard());
    Results results = new SmallPieces(new StoredResults(folder, options.shard(), false));
    return new BatchJob(
        Input.open(input, options.scratch()),
        new Target(results, folder, path, folder.report(), null),
        System.err,
        false,
        options);
  }

  /** Finishes a piece after {@value #PIECE_LINES} results. */
  private static final class SmallPieces implements Results {
    private final StoredResults results;
    private int lines;

    SmallPieces(StoredResults results) {
      this.results = results;
    }

    @Override
    public Line admit(Line line) throws IOException {
      return results.admit(line);
    }

    @Override
    public Frontier frontier() {
      return results.frontier();
    }

    @Override
    public void write(Result result) throws IOException {
      results.write(result);
      lines++;
    }

    @Override
    public void settle(Frontier frontier, boolean now) throws IOException {
      boolean full = lines >= PIECE_LINES;
      if (full) lines = 0;
      results.settle(frontier, now || full);
    }

    @Override
    public void finish() throws IOException {
      results.finish();
    }

    @Override
    public Output.Counts counts() {
      return results.counts();
    }

    @Override
    public void close() throws IOException {
      results.close();
    }
  }
}
