package dev.quern.settings;

import java.util.List;

/**
 * One declared setting, as the command line shows it.
 *
 * @param name vLLM's name, without dashes before it
 * @param group the title under which {@code --help} lists it
 * @param kind what its values look like
 * @param help what it is for
 * @param defaultValue as text; null = unset
 * @param oneOf the only values allowed; empty = any
 * @param min smallest number allowed
 * @param max largest number allowed
 * @param autoWord a word that stands for -1; empty = none
 * @param secret the value is never shown
 */
public record FlagSpec(
    String name,
    String group,
    Kind kind,
    String help,
    String defaultValue,
    List<String> oneOf,
    double min,
    double max,
    String autoWord,
    boolean secret) {

  /** What a flag's values look like. */
  public enum Kind {
    TEXT,
    JSON,
    LIST,
    SWITCH,
    INT,
    LONG,
    DECIMAL
  }

  /** The environment variable of the same setting. */
  public String variable() {
    return "QUERN_" + name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
  }
}
