package dev.quern.hub;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The environment variables that say where things lie, and the user's home.
 *
 * @param variables as {@link System#getenv()} gives them
 */
record Environment(Map<String, String> variables, Path home, Path temporary) {
  private static final Pattern VARIABLE = Pattern.compile("\\$(\\w+|\\{[^}]*})");

  static Environment ofSystem(Map<String, String> variables) {
    return new Environment(
        variables,
        Path.of(System.getProperty("user.home")),
        Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** A variable that is set and not blank, else null. */
  String get(String name) {
    String value = variables.get(name);
    return value == null || value.isBlank() ? null : value;
  }

  /** Hugging Face's cache of repositories, by its own rules of precedence. */
  Path hubCache() {
    String cache = get("HF_HUB_CACHE");
    if (cache == null) cache = get("HUGGINGFACE_HUB_CACHE");
    return cache != null ? path(cache) : huggingFaceHome().resolve("hub");
  }

  Path huggingFaceHome() {
    String hfHome = get("HF_HOME");
    return hfHome != null ? path(hfHome) : userCache().resolve("huggingface");
  }

  /** Where programs of this user keep what they can make again. */
  Path userCache() {
    String xdg = get("XDG_CACHE_HOME");
    return xdg != null ? path(xdg) : home.resolve(".cache");
  }

  /** A path with {@code ~} and {@code $VARIABLE} replaced as the hub's Python library does. */
  Path path(String text) {
    if (text.equals("~")) return home;
    String expanded = text.startsWith("~/") ? home + text.substring(1) : text;
    Matcher matcher = VARIABLE.matcher(expanded);
    return Path.of(
        matcher.replaceAll(
            match -> {
              String name = match.group(1).replaceAll("[{}]", "");
              return Matcher.quoteReplacement(variables.getOrDefault(name, match.group()));
            }));
  }
}
