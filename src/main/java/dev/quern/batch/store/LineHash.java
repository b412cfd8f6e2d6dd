package dev.quern.batch.store;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What an input line is known by beside its number: the first 64 bits of its SHA-256. */
public final class LineHash {
  private LineHash() {}

  public static long of(byte[] line) {
    return ByteBuffer.wrap(sha256().digest(line)).getLong();
  }

  /** Of a line that was too long to keep. */
  public static long ofLength(long lengthBytes) {
    return of(ByteBuffer.allocate(9).put((byte) '\n').putLong(lengthBytes).array());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
