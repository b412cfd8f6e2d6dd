package dev.quern.hub;

/**
 * A file of a repository at one commit.
 *
 * @param path relative, with {@code /}
 * @param bytes its size
 * @param etag names its blob: SHA-256 for a large file, git's hash for others
 */
record RemoteFile(String path, long bytes, String etag) {
  /** Whether a path from a server stays inside the folder it is resolved in. */
  static boolean plainPath(String path) {
    if (path.isEmpty() || path.length() > 1000) return false;
    for (String part : path.split("/", -1))
      if (part.isEmpty()
          || part.equals(".")
          || part.equals("..")
          || part.length() > 255
          || part.chars().anyMatch(c -> c < ' ' || c == '\\' || c == ':' || c == 127)) return false;
    return true;
  }

  /** Whether an etag can name a blob. */
  static boolean plainEtag(String etag) {
    return etag.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  }

  /** An ETag header's value without quotes and weakness mark, or null. */
  static String normalised(String header) {
    if (header == null) return null;
    String etag = header.startsWith("W/") ? header.substring(2) : header;
    return etag.replace("\"", "");
  }
}
