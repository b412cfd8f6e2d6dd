package dev.quern.text;

import java.util.Locale;
import java.util.Map;

/** Which of a folder's tokenizers is read: vLLM's {@code --tokenizer-mode}. */
public enum TokenizerMode {
  /** {@link #MISTRAL} beside weights in Mistral's own form, else {@link #HF}. */
  AUTO,
  /** {@code tokenizer.json}, or where there is none, the vocabulary that it would be made from. */
  HF,
  /** The vocabulary that transformers' Python tokenizers read, not {@code tokenizer.json}. */
  SLOW,
  /** Mistral's own: {@code tekken.json} or {@code tokenizer.model.v*}. */
  MISTRAL;

  private static final String OWN_RENDERER =
      "in vLLM it is the hf tokenizer with a chat format written in Python, which is not had here;"
          + " use hf, and --chat-template where the model has none";

  private static final Map<String, String> NOT_SERVED =
      Map.of(
          "cohere", OWN_RENDERER,
          "deepseek_v32", OWN_RENDERER,
          "deepseek_v4", OWN_RENDERER,
          "inkling", OWN_RENDERER,
          "kimi_k3", OWN_RENDERER,
          "kimi_audio", "it is for audio, and only text models are run",
          "terratorch", "it is for images, and only text models are run");

  /**
   * @throws IllegalArgumentException says why a mode of vLLM is not served, or which modes there
   *     are
   */
  public static TokenizerMode parse(String text) {
    for (TokenizerMode mode : values())
      if (mode.name().toLowerCase(Locale.ROOT).equals(text)) return mode;
    String why = NOT_SERVED.get(text);
    throw new IllegalArgumentException(
        "--tokenizer-mode "
            + text
            + (why == null
                ? ": no such mode; it is one of auto, hf, slow, mistral"
                : " cannot be served: " + why));
  }
}
