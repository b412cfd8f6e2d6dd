package dev.quern.hub;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The hash that names a blob, taken as the bytes come: SHA-256 for 64 hex digits, git's blob hash
 * (SHA-1 over its length and content) for 40. Other etags say nothing about the content.
 */
final class BlobHash {
  private final String etag;
  private final MessageDigest digest;

  BlobHash(RemoteFile file) {
    this.etag = file.etag();
    if (etag.matches("[0-9a-f]{64}")) {
      digest = algorithm("SHA-256");
    } else if (etag.matches("[0-9a-f]{40}")) {
      digest = algorithm("SHA-1");
      digest.update(("blob " + file.bytes() + "\0").getBytes(StandardCharsets.US_ASCII));
    } else {
      digest = null;
    }
  }

  void update(ByteBuffer bytes) {
    if (digest != null) digest.update(bytes);
  }

  /** Whether all bytes given are those of the etag; ends the hash. */
  boolean matches() {
    return digest == null || HexFormat.of().formatHex(digest.digest()).equals(etag);
  }

  private static MessageDigest algorithm(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has " + name, e);
    }
  }
}
