package dev.quern.hub;

import java.util.regex.Pattern;

/**
 * A repository of the hub, {@code name} or {@code owner/name}, by the hub's own rules: letters,
 * digits, {@code -}, {@code _} and {@code .}, at most 96 characters each, no {@code --} or {@code
 * ..}, no {@code .git} at the end, no {@code -} or {@code .} at an end.
 */
record RepoId(String text) {
  private static final Pattern PART =
      Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.\\-]{0,94}[A-Za-z0-9_])?");

  /** The id, or null where {@code text} cannot be one. */
  static RepoId parse(String text) {
    return problem(text) == null ? new RepoId(text) : null;
  }

  /** Why {@code text} is not a repository id, or null when it is one. */
  static String problem(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length > 2) return "it has more than one '/'";
    for (String part : parts)
      if (!PART.matcher(part).matches())
        return "'"
            + part
            + "' is not 1 to 96 of the characters A-Z a-z 0-9 - _ . with neither '-' nor '.' at an"
            + " end";
    if (text.contains("--") || text.contains("..")) return "it contains '--' or '..'";
    if (text.endsWith(".git")) return "it ends in '.git'";
    return null;
  }

  /** The name of its folder in the cache. */
  String folderName() {
    return HubCache.FOLDER_PREFIX + text.replace("/", "--");
  }
}
