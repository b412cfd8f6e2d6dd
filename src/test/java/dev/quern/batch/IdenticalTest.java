package dev.quern.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.batch.store.Shard;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.openai.Policy;
import dev.quern.settings.Settings;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The built-in model's output files, sorted, are the same bytes whatever the batch size, the number
 * of shards and the attempts: greedy lines and sampled ones, with and without a seed.
 */
class IdenticalTest {
  @TempDir Path folder;

  @Test
  void sortedOutputsAreTheSameBytes() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 12; i++)
      text.append(
          "{\"custom_id\":\"c%d\",\"prompt\":\"Once %d\",\"max_tokens\":%d%s}\n"
              .formatted(
                  i, i, 3 + i % 5, new String[] {",\"temperature\":0", "", ",\"seed\":4"}[i % 3]));
    Path input = Files.writeString(folder.resolve("in.jsonl"), text + "nonsense\n");
    List<String> one = run(input, "one", 1);
    assertEquals(13, one.size());
    assertEquals(one, run(input, "eight", 8));

    Path shards = folder.resolve("shards.jsonl");
    try (LoadedModel model = load(4)) {
      for (int i = 0; i < 3; i++)
        job(model, input, shards, BatchOptions.DEFAULT.with(new Shard(i, 3)));
    }
    assertEquals(
        0,
        new MergeJob(shards, false, new PrintStream(PrintStream.nullOutputStream()))
            .run("" + input, List.of()));
    assertEquals(one, sorted(shards));

    Path stopped = folder.resolve("stopped.jsonl");
    BatchOptions brief = BatchOptions.DEFAULT.deadline(Duration.ofMillis(400));
    try (LoadedModel model = load(2)) {
      for (int attempt = 0; attempt < 5; attempt++) job(model, input, stopped, brief);
      job(model, input, stopped, BatchOptions.DEFAULT);
    }
    assertEquals(one, sorted(stopped));
  }

  private static LoadedModel load(int maxNumSeqs) {
    return ModelCache.load(Settings.load(Map.of("max-num-seqs", "" + maxNumSeqs)), false);
  }

  private List<String> run(Path input, String name, int maxNumSeqs) throws Exception {
    Path output = folder.resolve(name + ".jsonl");
    try (LoadedModel model = load(maxNumSeqs)) {
      job(model, input, output, BatchOptions.DEFAULT);
    }
    return sorted(output);
  }

  private static void job(LoadedModel model, Path input, Path output, BatchOptions options)
      throws Exception {
    try (BatchJob job = BatchJob.open("" + input, "" + output, options)) {
      job.run(model, Policy.DEFAULT);
    }
  }

  private static List<String> sorted(Path file) throws Exception {
    List<String> lines = new java.util.ArrayList<>(Files.readAllLines(file));
    Collections.sort(lines);
    return lines;
  }
}
