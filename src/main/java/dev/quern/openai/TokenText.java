package dev.quern.openai;

import dev.quern.text.Tokenizer;
import java.nio.charset.StandardCharsets;

/** How single tokens are written in log-probabilities: their text, or {@code token_id:ID}. */
final class TokenText {
  /** JSON has no minus infinity. */
  private static final float LOWEST_LOGPROB = -9999;

  private final Tokenizer tokenizer;
  private final boolean asIds;

  /**
   * @param tokenizer null writes ids
   */
  TokenText(Tokenizer tokenizer, boolean asIds) {
    this.tokenizer = tokenizer;
    this.asIds = asIds || tokenizer == null;
  }

  static TokenText of(Tokenizer tokenizer, Fields body) {
    return new TokenText(tokenizer, body.flag("return_tokens_as_token_ids", false));
  }

  String of(int id) {
    return asIds ? "token_id:" + id : tokenizer.decode(new int[] {id}, false);
  }

  static int[] bytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] unsigned = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) unsigned[i] = bytes[i] & 0xff;
    return unsigned;
  }

  static float finite(float logprob) {
    return logprob >= LOWEST_LOGPROB ? logprob : LOWEST_LOGPROB;
  }
}
