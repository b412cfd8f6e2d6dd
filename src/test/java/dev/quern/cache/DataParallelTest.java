package dev.quern.cache;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.engine.EngineLostException;
import dev.quern.engine.Generation;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import dev.quern.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The built-in model on several shares of the CPU, behind one queue. */
final class DataParallelTest {
  private static final int REQUESTS = 8;

  @Test
  void anyNumberOfEnginesGivesTheSameAnswers() throws InterruptedException {
    List<int[]> one = answers(1);
    for (int engines : new int[] {2, 3}) {
      List<int[]> several = answers(engines);
      for (int i = 0; i < REQUESTS; i++) {
        assertArrayEquals(one.get(i), several.get(i));
      }
    }
  }

  /** Drawn with seeds that the engines choose. */
  private static List<int[]> answers(int engines) throws InterruptedException {
    Map<String, String> flags =
        Map.of(
            "model", "quern/tales-5m",
            "device", "cpu",
            "threads", "2",
            "max-num-seqs", "2",
            "kv-cache-memory-bytes", "64m",
            "data-parallel-size", Integer.toString(engines));
    LoadedModel model = ModelCache.load(Settings.load(flags), false);
    try (model) {
      assertEquals(engines, model.backends().size());
      assertEquals(2 * engines, model.engine().settings().maxNumSeqs());
      List<Generation> running = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        running.add(model.engine().submit(request(model, i), null));
      }
      List<int[]> tokens = new ArrayList<>();
      for (Generation one : running) {
        tokens.add(one.await().outputs().getFirst().tokens());
      }
      assertEquals(REQUESTS * 12, model.engine().stats().generationTokens());
      return tokens;
    } finally {
      assertThrows(EngineLostException.class, () -> model.engine().submit(request(model, 0), null));
    }
  }

  private static Request request(LoadedModel model, int index) {
    SamplingParams params =
        SamplingParams.builder().ignoreEos(true).maxTokens(12).detokenize(false).build();
    int[] prompt = {1 + index % model.spec().vocabularySize(), 2, 3};
    return new Request("data-parallel", prompt, params, null);
  }
}
