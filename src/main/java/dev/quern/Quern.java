package dev.quern;

import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.engine.Delta;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.InvalidRequestException;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.SamplingParamsBuilder;
import dev.quern.settings.Settings;
import dev.quern.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The library's front door: a model in this process, without a server.
 *
 * <pre>{@code
 * try (var model = Quern.load("quern/tales-5m")) {
 *   SamplingParams params = model.sampling().maxTokens(200).seed(1L).build();
 *   for (GenerationResult result : model.generate(List.of("Once upon a time"), params)) {
 *     System.out.println(result.outputs().getFirst().text());
 *   }
 * }
 * }</pre>
 *
 * <p>The JVM needs {@code --enable-native-access=ALL-UNNAMED}, and {@code
 * --add-modules=jdk.incubator.vector} to be fast on a CPU. All methods may be called from any
 * thread; requests of several threads are batched together.
 */
public final class Quern implements AutoCloseable {
  private final LoadedModel model;
  private final AtomicLong requests = new AtomicLong();

  private Quern(LoadedModel model) {
    this.model = model;
  }

  /**
   * Loads a model with the default settings.
   *
   * @param name built-in id, folder, or Hugging Face name
   * @throws dev.quern.cache.LoadException when it cannot be loaded
   */
  public static Quern load(String name) {
    return load(name, Map.of());
  }

  /**
   * Loads a model.
   *
   * @param flags the command line's flags without their dashes, such as {@code max-model-len →
   *     "4096"}; the environment and files are read as by the command line
   * @throws dev.quern.settings.SettingsException when a flag is unknown or its value is bad
   * @throws dev.quern.cache.LoadException when the model cannot be loaded
   */
  public static Quern load(String name, Map<String, String> flags) {
    Map<String, String> all = new HashMap<>(flags);
    all.put("model", name);
    return new Quern(ModelCache.load(Settings.load(all), false));
  }

  /** Sampling parameters to start from: vLLM's defaults under the model's own. */
  public SamplingParamsBuilder sampling() {
    SamplingDefaults own = model.served().defaults();
    SamplingParamsBuilder builder = SamplingParams.builder();
    if (own.temperature() != null) {
      builder.temperature(own.temperature());
    }
    if (own.topK() != null) {
      builder.topK(own.topK());
    }
    if (own.topP() != null) {
      builder.topP(own.topP());
    }
    if (own.minP() != null) {
      builder.minP(own.minP());
    }
    if (own.repetitionPenalty() != null) {
      builder.repetitionPenalty(own.repetitionPenalty());
    }
    return builder;
  }

  /**
   * Generates from every prompt, all of them at once, and waits.
   *
   * @return one result a prompt, in their order
   * @throws InvalidRequestException when a prompt cannot be served, such as one that is too long
   */
  public List<GenerationResult> generate(List<String> prompts, SamplingParams params)
      throws InterruptedException {
    List<int[]> tokens = new ArrayList<>(prompts.size());
    for (String prompt : prompts) {
      tokens.add(tokenizer().encode(prompt, true));
    }
    return generateTokens(tokens, params);
  }

  /** The same for one prompt. */
  public GenerationResult generate(String prompt, SamplingParams params)
      throws InterruptedException {
    return generate(List.of(prompt), params).getFirst();
  }

  /** The same from token ids; works without a tokenizer. */
  public List<GenerationResult> generateTokens(List<int[]> prompts, SamplingParams params)
      throws InterruptedException {
    List<Generation> running = new ArrayList<>(prompts.size());
    List<GenerationResult> results = new ArrayList<>(prompts.size());
    int window = 4 * model.settings().maxNumSeqs();
    try {
      for (int[] prompt : prompts) {
        // As many as keep the engine busy; more would only fill its queue.
        if (running.size() - results.size() >= window) {
          results.add(running.get(results.size()).await());
        }
        running.add(model.engine().submit(request(prompt, params), null));
      }
      while (results.size() < running.size()) {
        results.add(running.get(results.size()).await());
      }
      return results;
    } finally {
      for (Generation generation : running.subList(results.size(), running.size())) {
        generation.cancel();
      }
    }
  }

  /**
   * Generates from one prompt and hands out what comes as it comes.
   *
   * @param onDelta called on the engine's thread: must not block
   * @return a handle to wait for the whole result or to cancel
   */
  public Generation stream(String prompt, SamplingParams params, Consumer<Delta> onDelta) {
    return model
        .engine()
        .submit(
            request(tokenizer().encode(prompt, true), params),
            new GenerationListener() {
              @Override
              public void onDelta(Delta delta) {
                onDelta.accept(delta);
              }

              @Override
              public void onDone(GenerationResult result) {}

              @Override
              public void onError(RuntimeException error) {}
            });
  }

  /**
   * The model's tokenizer.
   *
   * @throws IllegalStateException when the model was loaded with {@code skip-tokenizer-init}
   */
  public Tokenizer tokenizer() {
    Tokenizer tokenizer = model.served().tokenizer();
    if (tokenizer == null) {
      throw new IllegalStateException(
          "the model has no tokenizer (skip-tokenizer-init): use token ids");
    }
    return tokenizer;
  }

  /** What was loaded, onto what, and what it takes of memory. */
  public List<String> summary() {
    return model.summary();
  }

  @Override
  public void close() {
    model.close();
  }

  private Request request(int[] prompt, SamplingParams params) {
    return new Request("quern-" + requests.incrementAndGet(), prompt, params, null);
  }
}
