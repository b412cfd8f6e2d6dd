package dev.quern.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The access token: the one given, else {@code HF_TOKEN}, else the file that the hub's own command
 * line writes. {@code HF_HUB_DISABLE_IMPLICIT_TOKEN} leaves only the one given.
 */
final class HubToken {
  private HubToken() {}

  /** The token, or null. */
  static String find(Environment environment, String given) {
    if (given != null && !given.isBlank()) return checked(given, "the given token");
    if (HubOptions.isTrue(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) return null;
    for (String name : new String[] {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
      if (environment.get(name) != null) return checked(environment.get(name), name);
    String path = environment.get("HF_TOKEN_PATH");
    Path file =
        path != null ? environment.path(path) : environment.huggingFaceHome().resolve("token");
    if (!Files.isRegularFile(file)) return null;
    try {
      String token = Files.readString(file);
      return token.isBlank() ? null : checked(token, file.toString());
    } catch (IOException e) {
      throw new HubException(
          HubException.Kind.LOCAL, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** A token goes into a header, so it must not hold what ends one; it is never printed. */
  private static String checked(String text, String from) {
    String token = text.strip();
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~'))
      throw new HubException(
          HubException.Kind.BAD_TOKEN,
          "the Hugging Face token from " + from + " holds characters that no token has");
    return token;
  }
}
