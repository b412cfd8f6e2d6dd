package dev.quern.engine;

import dev.quern.schedule.Sequence;
import dev.quern.schedule.StopRules;
import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Turns a checked request into a task with its n outputs, on the caller's thread, so that the loop
 * has little to do with it.
 */
final class RequestIntake {
  private static final int[] NO_IDS = {};

  private final EngineSettings settings;
  private final int vocabularySize;
  private final Tokenizer tokenizer;
  private final int[] eosTokenIds;
  private final int rowLogprobs;
  private final AtomicLong requests = new AtomicLong();

  RequestIntake(
      EngineSettings settings,
      int vocabularySize,
      Tokenizer tokenizer,
      int[] eosTokenIds,
      int rowLogprobs) {
    this.settings = settings;
    this.vocabularySize = vocabularySize;
    this.tokenizer = tokenizer;
    this.eosTokenIds = eosTokenIds.clone();
    this.rowLogprobs = rowLogprobs;
  }

  GenerationTask prepare(
      Request request,
      BadWords badWords,
      GenerationListener listener,
      Consumer<GenerationTask> canceller) {
    SamplingParams params = request.params();
    GenerationTask task = new GenerationTask(request, listener, canceller);
    int[] stopIds = params.stopTokenIds().stream().mapToInt(id -> id).toArray();
    int[] endIds =
        IntStream.concat(IntStream.of(eosTokenIds), IntStream.of(stopIds))
            .filter(id -> id >= 0 && id < vocabularySize)
            .toArray();
    StopRules rules =
        new StopRules(
            params.ignoreEos() ? NO_IDS : eosTokenIds,
            stopIds,
            params.minTokens(),
            params.maxTokens() == null ? settings.maxModelLen() : params.maxTokens());
    byte[] salt =
        request.cacheSalt() == null ? null : request.cacheSalt().getBytes(StandardCharsets.UTF_8);
    long number = requests.getAndIncrement();
    long seed = params.seed() != null ? params.seed() : drawSeed(settings.seed(), number);
    for (int i = 0; i < params.n(); i++) {
      RowSettings row =
          new RowSettings(params, seed + i, endIds, badWords, vocabularySize, rowLogprobs);
      // The prompt is the same for all outputs, so only the first computes its logprobs.
      boolean promptLogprobs = i == 0 && params.promptLogprobs() != null;
      int code = promptLogprobs ? RowSettings.rowCode(params.promptLogprobs(), rowLogprobs) : -1;
      OutputState output = new OutputState(task, i, row, code, tokenizer);
      output.own(
          new Sequence(
              output, request.promptTokens(), rules, settings.maxModelLen(), salt, promptLogprobs));
      task.outputs().add(output);
    }
    return task;
  }

  /** The mixing function of SplitMix64 over the engine's seed and the request's number. */
  private static long drawSeed(long engineSeed, long number) {
    long z = engineSeed + (number + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
