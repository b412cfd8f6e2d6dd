package dev.quern.batch;

import dev.quern.batch.store.Shard;
import java.util.List;
import java.util.Map;

/** A job in a process of its own, for {@link KillTest}: INPUT OUTPUT SHARD. */
final class KilledJob {
  private KilledJob() {}

  public static void main(String[] args) throws Exception {
    BatchOptions options =
        BatchOptions.DEFAULT
            .with(Shard.parse(args[2]))
            .with(new BatchOptions.Limits(1 << 20, 32, 1 << 20));
    int exit;
    try (FakeAnswerer model = new FakeAnswerer(1000);
        BatchJob job = BatchJob.open(args[0], args[1], options)) {
      System.out.println("running");
      exit =
          job.run(
              _ -> model,
              Map.of("model", "fake"),
              List.of("tales"),
              BatchRun.LOOK_AHEAD,
              List.of());
    }
    Runtime.getRuntime().halt(exit);
  }
}
