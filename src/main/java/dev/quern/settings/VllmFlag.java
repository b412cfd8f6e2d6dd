package dev.quern.settings;

/**
 * A flag of vLLM that Quern knows and does not have.
 *
 * @param name without dashes before it
 * @param values how many values follow it
 * @param harmless asked for with this value it changes nothing, so it passes; empty = no such value
 * @param refused true: it would change answers or safety, so it is an error; false: it has no
 *     meaning here and is ignored
 * @param why one clause for the message
 */
public record VllmFlag(String name, Values values, String harmless, boolean refused, String why) {
  /** How many values follow a flag. */
  public enum Values {
    NONE,
    ONE,
    SEVERAL
  }
}
