package dev.quern.check;

import dev.quern.backend.DType;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.engine.GenerationResult;
import dev.quern.engine.Request;
import dev.quern.engine.SamplingParams;
import dev.quern.engine.TokenLogprobs;
import dev.quern.settings.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A whole model on the device and on the CPU in fp32, fed the same text: each position's
 * log-probabilities over the whole vocabulary. Rounding may turn a choice between two tokens that
 * are as good as equal; where the better one leads by more than four times the RMS difference of
 * the two sides, both must choose it.
 */
final class ModelCheck {
  private static final int MAX_TOKENS = 400;
  private static final double DECIDED = 4;

  private ModelCheck() {}

  static boolean run(
      String model, String device, DType dtype, String text, Consumer<OpCheck.Row> report)
      throws InterruptedException {
    float[][] expected = logprobs(model, "cpu", DType.F32, text);
    float[][] actual = logprobs(model, device, dtype, text);
    double rms = rms(actual, expected);
    int decided = 0;
    int wrong = 0;
    for (int p = 0; p < expected.length; p++) {
      int best = argmax(expected[p], -1);
      double margin = expected[p][best] - expected[p][argmax(expected[p], best)];
      if (margin > DECIDED * rms) {
        decided++;
        wrong += argmax(actual[p], -1) == best ? 0 : 1;
      }
    }
    var logits =
        new OpCheck.Row(
            "%s, log-probabilities (RMS %.2e)".formatted(model, rms),
            dtype,
            OpCheck.error(List.of(actual), List.of(expected)),
            limit(dtype));
    var tokens =
        new OpCheck.Row(
            "%s, %d tokens of %d are decided".formatted(model, decided, expected.length),
            dtype,
            wrong,
            0);
    report.accept(logits);
    report.accept(tokens);
    return logits.passed() && tokens.passed() && decided > 0;
  }

  /** Of all layers together. */
  private static double limit(DType dtype) {
    return switch (dtype) {
      case F32 -> 1e-4;
      case F16 -> 1e-2;
      case BF16 -> 5e-2;
    };
  }

  /** [positions after the first][V], in the order of ids. */
  private static float[][] logprobs(String model, String device, DType dtype, String text)
      throws InterruptedException {
    Map<String, String> flags =
        Map.of(
            "model",
            model,
            "device",
            device,
            "dtype",
            dtype.torchName(),
            "max-logprobs",
            "-1",
            "max-num-seqs",
            "4",
            "kv-cache-memory-bytes",
            "256m");
    try (LoadedModel loaded = ModelCache.load(Settings.load(flags), true)) {
      int[] tokens = loaded.served().tokenizer().encode(text, true);
      int most = Math.min(MAX_TOKENS, loaded.settings().maxModelLen() - 1);
      tokens = Arrays.copyOf(tokens, Math.min(tokens.length, most));
      SamplingParams params =
          SamplingParams.builder().temperature(0).maxTokens(1).promptLogprobs(-1).build();
      GenerationResult result =
          loaded.engine().submit(new Request("check", tokens, params, null), null).await();
      float[][] rows = new float[tokens.length - 1][];
      for (int p = 1; p < tokens.length; p++) {
        TokenLogprobs one = result.promptLogprobs().get(p);
        rows[p - 1] = new float[one.topIds().length];
        for (int i = 0; i < one.topIds().length; i++) {
          rows[p - 1][one.topIds()[i]] = one.topLogprobs()[i];
        }
      }
      return rows;
    }
  }

  private static double rms(float[][] actual, float[][] expected) {
    double sum = 0;
    long count = 0;
    for (int p = 0; p < expected.length; p++) {
      for (int v = 0; v < expected[p].length; v++) {
        double d = (double) actual[p][v] - expected[p][v];
        sum += d * d;
      }
      count += expected[p].length;
    }
    return Math.sqrt(sum / count);
  }

  /** The first of the highest, {@code but} left out. */
  private static int argmax(float[] values, int but) {
    int best = but == 0 ? 1 : 0;
    for (int v = 0; v < values.length; v++) {
      if (v != but && values[v] > values[best]) {
        best = v;
      }
    }
    return best;
  }
}
