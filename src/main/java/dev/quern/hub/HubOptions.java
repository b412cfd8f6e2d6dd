package dev.quern.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * How to reach the hub and where to keep what it gives.
 *
 * @param endpoint the hub, without a slash at the end
 * @param token sent to the endpoint's host and no other; null for none
 * @param offline never use the network
 * @param cache root of the cache
 * @param headTimeout until the first byte of an answer
 * @param idleTimeout without any byte in the middle of one
 * @param firstPause before the first retry; doubles each time
 * @param attempts tries without progress before giving up
 * @param connections at most this many at once
 * @param chunkBytes of one range of a large file; connections times this is held in memory
 */
record HubOptions(
    URI endpoint,
    String token,
    boolean offline,
    Path cache,
    Duration headTimeout,
    Duration idleTimeout,
    Duration firstPause,
    int attempts,
    int connections,
    int chunkBytes) {
  /**
   * As Hugging Face's own variables say.
   *
   * @param token given explicitly, or null
   */
  static HubOptions of(Environment environment, String token) {
    String endpoint = environment.get("HF_ENDPOINT");
    return new HubOptions(
        endpoint(endpoint == null ? "https://huggingface.co" : endpoint),
        HubToken.find(environment, token),
        isTrue(environment.get("HF_HUB_OFFLINE"))
            || isTrue(environment.get("TRANSFORMERS_OFFLINE")),
        environment.hubCache(),
        seconds(environment, "HF_HUB_ETAG_TIMEOUT", 10),
        seconds(environment, "HF_HUB_DOWNLOAD_TIMEOUT", 10),
        Duration.ofMillis(500),
        5,
        8,
        8 << 20);
  }

  static boolean isTrue(String value) {
    if (value == null) return false;
    return switch (value.strip().toUpperCase(Locale.ROOT)) {
      case "1", "ON", "YES", "TRUE" -> true;
      default -> false;
    };
  }

  private static URI endpoint(String text) {
    try {
      URI uri = URI.create(text.strip().replaceAll("/+$", ""));
      if (("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && uri.getHost() != null) return uri;
    } catch (IllegalArgumentException e) {
      // Named below, as any other that is not a hub's address.
    }
    throw new HubException(
        HubException.Kind.INVALID,
        "HF_ENDPOINT '" + text + "' is not an address such as https://huggingface.co");
  }

  private static Duration seconds(Environment environment, String name, int otherwise) {
    String value = environment.get(name);
    if (value == null) return Duration.ofSeconds(otherwise);
    try {
      int seconds = Integer.parseInt(value.strip());
      if (seconds > 0) return Duration.ofSeconds(seconds);
    } catch (NumberFormatException e) {
      // Named below.
    }
    throw new HubException(
        HubException.Kind.INVALID, name + " '" + value + "' is not a number of seconds");
  }
}
