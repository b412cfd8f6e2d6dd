package dev.quern.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.WeightLoader;
import dev.quern.model.BoundWeights;
import dev.quern.model.DecoderModel;
import dev.quern.model.MemoryNeeds;
import dev.quern.model.ModelConfig;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import dev.quern.settings.EngineSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A real decoder with random weights on the CPU: whatever the steps were, tokens and logprobs are
 * bit for bit those of one request at a time, whole, without a prefix cache.
 */
@Timeout(600)
final class EngineModelTest {
  private static final int VOCABULARY = 311;
  private static final int MAX_MODEL_LEN = 160;

  /** How the steps differ from the plain ones. */
  private record Steps(
      String name, int seqs, int budget, int blocks, boolean prefix, int lookAhead, int times) {}

  private static final Steps PLAIN = new Steps("one by one", 1, 160, 100, false, 0, 1);

  private static final List<Steps> OTHERS =
      List.of(
          new Steps("batch", 8, 1300, 100, false, 0, 1),
          new Steps("batch, look-ahead", 8, 1300, 100, false, 1, 1),
          new Steps("chunked", 8, 9, 100, false, 0, 1),
          new Steps("prefix miss, then hit", 8, 64, 200, true, 0, 2),
          new Steps("preempted", 8, 40, 11, true, 0, 1),
          new Steps("preempted, look-ahead", 8, 40, 11, false, 1, 1));

  @ParameterizedTest(name = "{0} {1} {2}")
  @CsvSource({
    "scalar, LlamaForCausalLM, float32",
    "vector, LlamaForCausalLM, float32",
    "vector, LlamaForCausalLM, bfloat16",
    "vector, Qwen3ForCausalLM, bfloat16",
  })
  void stepsDoNotShow(String ops, String architecture, String dtype) {
    Description model =
        Families.describe(config(architecture), new SpecOptions(dtype, null, MAX_MODEL_LEN));
    IntFunction<CpuBackend> backends =
        ops.equals("scalar") ? CpuBackend::scalar : CpuBackend::create;
    List<Request> requests = requests();
    List<GenerationResult> expected = run(model, backends, PLAIN, requests);
    for (Steps steps : OTHERS) {
      List<GenerationResult> actual = run(model, backends, steps, requests);
      for (int i = 0; i < actual.size(); i++)
        compare(steps.name + ", request " + i, expected.get(i % requests.size()), actual.get(i));
    }
  }

  private static ModelConfig config(String architecture) {
    return ModelConfig.parse(
        "tiny",
        """
        {"architectures": ["%s"], "hidden_size": 48, "intermediate_size": 88,
         "num_hidden_layers": 3, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8,
         "vocab_size": %d, "max_position_embeddings": 256}
        """
            .formatted(architecture, VOCABULARY),
        null);
  }

  /** Every second prompt goes on where the one before it was cut. */
  private static List<Request> requests() {
    Random random = new Random(3);
    List<Request> requests = new ArrayList<>();
    int[] last = {};
    for (int i = 0; i < 12; i++) {
      int[] prompt = random.ints(1 + random.nextInt(120), 0, VOCABULARY).toArray();
      if (i % 2 == 1) System.arraycopy(last, 0, prompt, 0, Math.min(last.length, prompt.length));
      last = prompt;
      SamplingParamsBuilder params = SamplingParams.builder().seed((long) i).logprobs(3);
      params.maxTokens(14 + random.nextInt(18)).temperature(i % 3 == 0 ? 0 : 0.9f);
      if (i % 4 == 1) params.topK(20).topP(0.9f).repetitionPenalty(1.2f);
      if (i % 5 == 2) params.promptLogprobs(2);
      if (i % 7 == 4) params.temperature(1).minP(0.01f).n(2);
      requests.add(FakeEngine.request(prompt, params));
    }
    return requests;
  }

  private static List<GenerationResult> run(
      Description model, IntFunction<CpuBackend> backends, Steps steps, List<Request> requests) {
    EngineSettings settings =
        new EngineSettings(
            MAX_MODEL_LEN,
            steps.seqs,
            steps.budget,
            16,
            steps.blocks,
            steps.prefix,
            true,
            steps.lookAhead,
            20,
            0,
            0);
    try (Backend backend = backends.apply(2);
        KvCache kv =
            backend.kvCache(MemoryNeeds.kvLayout(model.spec(), 16, DType.F32), steps.blocks)) {
      BoundWeights weights =
          WeightLoader.load(model.weights(), new Checkpoint.Dummy(7, false), model.spec(), backend);
      DecoderModel bound =
          DecoderModel.bind(model.spec(), weights, backend, Engine.batchLimits(settings));
      try (Engine engine =
          new Engine(settings, ForwardModel.of(bound, kv), backend, null, new int[] {1})) {
        List<GenerationResult> results = new ArrayList<>();
        for (int time = 0; time < steps.times; time++) {
          List<Generation> generations = new ArrayList<>();
          for (Request request : requests) generations.add(engine.submit(request, null));
          for (Generation generation : generations) results.add(FakeEngine.await(generation));
        }
        EngineStats stats = engine.stats();
        assertEquals(steps.blocks < 100, stats.preemptions() > 0, steps.name);
        if (steps.times > 1) assertTrue(results.getLast().cachedTokens() > 0, steps.name);
        return results;
      }
    }
  }

  private static void compare(String name, GenerationResult expected, GenerationResult actual) {
    for (int i = 0; i < expected.outputs().size(); i++) {
      GenerationResult.Output e = expected.outputs().get(i);
      GenerationResult.Output a = actual.outputs().get(i);
      assertArrayEquals(e.tokens(), a.tokens(), name);
      compare(name, e.logprobs(), a.logprobs());
    }
    if (expected.promptLogprobs() != null)
      compare(name, expected.promptLogprobs(), actual.promptLogprobs());
  }

  private static void compare(
      String name, List<TokenLogprobs> expected, List<TokenLogprobs> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      if (expected.get(i) == null) continue;
      assertEquals(text(expected.get(i)), text(actual.get(i)), name + ", token " + i);
    }
  }

  /** All of it, floats by their bits. */
  private static String text(TokenLogprobs l) {
    return "%d %s %d %s %s"
        .formatted(
            l.token(),
            Float.toHexString(l.logprob()),
            l.rank(),
            Arrays.toString(l.topIds()),
            Arrays.toString(l.topLogprobs()));
  }
}
