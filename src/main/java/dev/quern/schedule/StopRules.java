package dev.quern.schedule;

/**
 * When a sequence ends of itself, in this order: a token that the model ends with, a stop id, the
 * length. Ids end nothing before {@code minTokens} output tokens.
 *
 * @param eosIds the model's own end; empty where it is to be ignored
 * @param stopIds further ids that end the output
 * @param minTokens output tokens before which no id ends it
 * @param maxTokens most output tokens
 */
public record StopRules(int[] eosIds, int[] stopIds, int minTokens, int maxTokens) {
  /** What the output's last token, its {@code count}-th, means; null to go on. */
  Sequence.End check(int token, int count) {
    if (count >= minTokens) {
      if (contains(eosIds, token)) return Sequence.End.EOS;
      if (contains(stopIds, token)) return Sequence.End.STOP_ID;
    }
    return null;
  }

  private static boolean contains(int[] ids, int id) {
    for (int each : ids) if (each == id) return true;
    return false;
  }
}
