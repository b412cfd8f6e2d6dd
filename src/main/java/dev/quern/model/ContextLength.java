package dev.quern.model;

import java.util.List;

/**
 * The longest sequence that a config allows: the smallest of the keys that say so, times the factor
 * by which its rotary embedding was stretched.
 */
public final class ContextLength {
  private static final int DEFAULT_TOKENS = 2048;
  private static final String[] KEYS = {
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "max_target_positions",
    "max_sequence_length",
    "max_seq_length",
    "seq_len"
  };

  private ContextLength() {}

  /** {@code max_position_embeddings} or the smallest of its aliases, before any stretching. */
  public static int positions(ModelConfig config) {
    int tokens = Integer.MAX_VALUE;
    for (String key : KEYS) {
      tokens = Math.min(tokens, config.integerOr(tokens, 1, Integer.MAX_VALUE, key));
    }
    tokens = tokens == Integer.MAX_VALUE ? DEFAULT_TOKENS : tokens;
    return Math.min(tokens, Limits.CONTEXT);
  }

  /**
   * The longest sequence.
   *
   * @param ropes the rope settings of the model's kinds of layers; empty without rotary embedding
   * @param stretch false where the family's positions already include the factor (Gemma 3)
   * @param maxModelLen {@code --max-model-len}; 0 for none given
   */
  public static int resolve(
      ModelConfig config, List<RopeSettings> ropes, boolean stretch, int maxModelLen) {
    int positions = positions(config);
    double tokens = config.integerOr(positions, 1, Integer.MAX_VALUE, "model_max_length");
    double untouched = tokens;
    double factor = 1;
    for (RopeSettings rope : stretch ? ropes : List.<RopeSettings>of()) {
      if (rope.type.equals("longrope")) {
        untouched = Math.min(untouched, rope.originalTokens(positions));
      } else if (!rope.type.equals("llama3") && !rope.type.equals("default")) {
        factor = Math.max(factor, rope.factor());
        tokens = rope.type.equals("yarn") ? rope.originalTokens(positions) : tokens;
        untouched = tokens;
      }
    }
    tokens = Math.floor(tokens * factor);
    if (tokens < 1 || tokens > Limits.CONTEXT) {
      throw new ModelConfigException(
          config.source() + ": a context of " + (long) tokens + " tokens is beyond all limits");
    }
    if (maxModelLen == 0) {
      // A longrope model runs on its short factors unless a longer context is asked for.
      return (int) Math.min(tokens, Math.floor(untouched * factor));
    }
    if (maxModelLen < 0 || maxModelLen > tokens) {
      throw new ModelConfigException(
          "--max-model-len "
              + maxModelLen
              + " is not within the "
              + (int) tokens
              + " tokens that "
              + config.source()
              + " allows");
    }
    return maxModelLen;
  }
}
