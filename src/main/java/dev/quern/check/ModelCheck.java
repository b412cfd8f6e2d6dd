package dev.quern.check;

import dev.quern.backend.DType;
import dev.quern.cache.LoadedModel;
import dev.quern.cache.ModelCache;
import dev.quern.settings.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A whole model on the device and on the CPU in fp32, fed the same text: each position's
 * log-probabilities over the whole vocabulary, and the tokens chosen by them where they are {@link
 * DecidedTokens decided}.
 */
final class ModelCheck {
  private static final int MAX_TOKENS = 400;

  private ModelCheck() {}

  static boolean run(
      String model, String device, DType dtype, String text, Consumer<OpCheck.Row> report)
      throws InterruptedException {
    float[][] expected = logprobs(model, "cpu", DType.F32, text);
    float[][] actual = logprobs(model, device, dtype, text);
    DecidedTokens tokens = new DecidedTokens();
    for (int p = 0; p < expected.length; p++) {
      int at = p + 1;
      tokens.add(() -> "place " + at, expected[p], actual[p], DecidedTokens.argmax(actual[p], -1));
    }
    var logits =
        new OpCheck.Row(
            "%s, log-probabilities (RMS %.2e)".formatted(model, tokens.rms()),
            dtype,
            OpCheck.error(List.of(actual), List.of(expected)),
            limit(dtype));
    var choices =
        new OpCheck.Row(
            "%s, %d tokens of %d are decided".formatted(model, tokens.decided(), tokens.places()),
            dtype,
            tokens.decided() == 0
                ? 1
                : tokens.wrong(), // where nothing is decided, nothing is shown
            0);
    report.accept(logits);
    report.accept(choices);
    return logits.passed() && choices.passed();
  }

  /** Of all layers together. */
  private static double limit(DType dtype) {
    return switch (dtype) {
      case F32 -> 1e-4;
      case F16 -> 1e-2;
      case BF16 -> 5e-2;
    };
  }

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
            "max-model-len",
            "auto",
            "max-num-seqs",
            "4",
            "kv-cache-memory-bytes",
            "256m");
    try (LoadedModel loaded = ModelCache.load(Settings.load(flags), true)) {
      int[] tokens = loaded.served().tokenizer().encode(text, true);
      int most = Math.min(MAX_TOKENS, loaded.settings().maxModelLen() - 1);
      tokens = Arrays.copyOf(tokens, Math.min(tokens.length, most));
      return TeacherForced.logprobs(loaded.engine(), tokens, 1);
    }
  }
}
