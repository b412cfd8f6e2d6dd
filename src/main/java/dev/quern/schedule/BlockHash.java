package dev.quern.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash chain over full blocks: each hash covers the one before it and the block's ids; the
 * first covers the salt. SHA-256 cut to 128 bits, so that no one can build a prompt that is taken
 * for another's.
 */
final class BlockHash {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final MessageDigest sha256;
  private final byte[] input;
  private final byte[] output = new byte[32];

  BlockHash(int blockTokens) {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    input = new byte[16 + 4 * blockTokens];
  }

  /** Writes block {@code i}'s hash to {@code hashes[2i]} and {@code [2i+1]}. */
  void next(long[] hashes, int i, int[] ids, int from, int count, byte[] salt) {
    if (i > 0) {
      LONG.set(input, 0, hashes[2 * i - 2]);
      LONG.set(input, 8, hashes[2 * i - 1]);
    } else {
      root(salt);
    }
    for (int j = 0; j < count; j++) INT.set(input, 16 + 4 * j, ids[from + j]);
    digest(input);
    hashes[2 * i] = (long) LONG.get(output, 0);
    hashes[2 * i + 1] = (long) LONG.get(output, 8);
  }

  private void root(byte[] salt) {
    if (salt == null) {
      LONG.set(input, 0, 0L);
      LONG.set(input, 8, 0L);
      return;
    }
    digest(salt);
    System.arraycopy(output, 0, input, 0, 16);
  }

  private void digest(byte[] bytes) {
    sha256.update(bytes);
    try {
      sha256.digest(output, 0, output.length);
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
  }
}
