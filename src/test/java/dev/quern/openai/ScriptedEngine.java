package dev.quern.openai;

import dev.quern.engine.Delta;
import dev.quern.engine.EngineStats;
import dev.quern.engine.FinishReason;
import dev.quern.engine.Generation;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.Generator;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.ServedModel;
import dev.quern.engine.TokenLogprobs;
import dev.quern.settings.EngineSettings;
import dev.quern.text.ChatTemplates;
import dev.quern.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Answers every request at once, inside {@code submit}, with the ids of a fixed text; a token's
 * log-probability is minus its id over 1,000.
 */
final class ScriptedEngine implements Generator {
  static final int CONTEXT = 128;
  private static final Path FOLDER = Path.of("src/main/resources/models/quern/tales-5m");

  private final Tokenizer tokenizer;
  private final int[] script;
  final List<Request> seen = new ArrayList<>();

  private ScriptedEngine(Tokenizer tokenizer, String text) {
    this.tokenizer = tokenizer;
    this.script = tokenizer.encode(text, false);
  }

  /** The built-in model's tokenizer and template before an engine that says one text. */
  static ServedModel model(String text, SamplingDefaults defaults) {
    try {
      Tokenizer tokenizer = Tokenizer.open(FOLDER);
      return new ServedModel(
          List.of("tales", "other-name"),
          "quern/tales-5m",
          new ScriptedEngine(tokenizer, text),
          tokenizer,
          ChatTemplates.resolve(FOLDER, null),
          defaults,
          CONTEXT,
          null);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static ServedModel model(String text) {
    return model(text, SamplingDefaults.NONE);
  }

  @Override
  public Generation submit(Request request, GenerationListener listener) {
    seen.add(request);
    int count = Math.min(script.length, request.params().maxTokens());
    FinishReason finish = count < script.length ? FinishReason.LENGTH : FinishReason.STOP;
    List<GenerationResult.Output> outputs = new ArrayList<>();
    for (int i = 0; i < request.params().n(); i++) outputs.add(output(request, i, count, finish));
    List<TokenLogprobs> prompt = null;
    if (request.params().promptLogprobs() != null) {
      prompt = new ArrayList<>();
      for (int id : request.promptTokens()) prompt.add(prompt.isEmpty() ? null : logprobs(id));
    }
    GenerationResult result =
        new GenerationResult(request, outputs, prompt, 3, new GenerationResult.Timing(1, 2, 3, 4));
    if (listener != null) tell(listener, result);
    return new Done(result);
  }

  private GenerationResult.Output output(Request request, int i, int count, FinishReason finish) {
    int[] tokens = Arrays.copyOf(script, count);
    List<TokenLogprobs> logprobs = null;
    if (request.params().logprobs() != null) {
      logprobs = new ArrayList<>();
      for (int id : tokens) logprobs.add(logprobs(id));
    }
    return new GenerationResult.Output(
        i, tokens, tokenizer.decode(tokens, true), logprobs, finish, null);
  }

  private static TokenLogprobs logprobs(int id) {
    return new TokenLogprobs(
        id, -id / 1000f, 2, new int[] {id + 1, id}, new float[] {-0.001f, -id / 1000f});
  }

  private void tell(GenerationListener listener, GenerationResult result) {
    for (GenerationResult.Output output : result.outputs()) {
      String before = "";
      for (int t = 0; t < output.tokens().length; t++) {
        String upTo = tokenizer.decode(output.tokens(), 0, t + 1, true);
        boolean last = t == output.tokens().length - 1;
        listener.onDelta(
            new Delta(
                output.index(),
                new int[] {output.tokens()[t]},
                upTo.substring(before.length()),
                output.logprobs() == null ? List.of() : List.of(output.logprobs().get(t)),
                last ? output.finish() : null,
                null));
        before = upTo;
      }
    }
    listener.onDone(result);
  }

  private record Done(GenerationResult result) implements Generation {
    @Override
    public Request request() {
      return result.request();
    }

    @Override
    public void cancel() {}

    @Override
    public GenerationResult await() {
      return result;
    }
  }

  @Override
  public EngineSettings settings() {
    return new EngineSettings(CONTEXT, 8, 128, 16, 64, true, true, 0, 20, 16, 0);
  }

  @Override
  public EngineStats stats() {
    return new EngineStats(0, 0, 64, 0, 0, 0, 0, 0, 0, 0);
  }

  @Override
  public boolean isAlive() {
    return true;
  }
}
