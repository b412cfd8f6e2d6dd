package dev.quern.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys that open the API. Hashes are compared, all of them and to their ends, so that the time
 * taken tells nothing about a key.
 */
final class ApiKeys {
  private static final String BEARER = "Bearer ";

  private final List<byte[]> hashes = new ArrayList<>();

  ApiKeys(List<String> keys) {
    for (String key : keys) hashes.add(sha256(key));
  }

  /**
   * @param authorization the header's value, or null
   */
  boolean accept(String authorization) {
    if (hashes.isEmpty()) return true;
    if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length()))
      return false;
    byte[] given = sha256(authorization.substring(BEARER.length()).strip());
    boolean found = false;
    for (byte[] hash : hashes) found |= MessageDigest.isEqual(hash, given);
    return found;
  }

  private static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
