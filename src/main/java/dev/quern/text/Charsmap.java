package dev.quern.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A SentencePiece normaliser: replacements of byte strings, of which the longest that starts at a
 * place counts.
 *
 * <p>The blob is the byte length of a double-array trie, the trie (little-endian 32-bit units of
 * Darts-clone), and the replacements, each ended by a zero byte; the trie's values are offsets into
 * them. Broken units lead nowhere: each step is checked against the array.
 */
final class Charsmap {
  private final int[] units;
  private final byte[] replacements;

  private Charsmap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  static Charsmap parse(ByteBuffer blob) throws IOException {
    ByteBuffer in = blob.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 8) throw new IOException("its charsmap is cut short");
    long trieBytes = Integer.toUnsignedLong(in.getInt());
    if (trieBytes > in.remaining() || trieBytes < 4 || trieBytes % 4 != 0)
      throw new IOException("its charsmap's trie cannot have " + trieBytes + " bytes");
    int[] units = new int[(int) trieBytes / 4];
    in.asIntBuffer().get(units);
    in.position(in.position() + (int) trieBytes);
    byte[] replacements = new byte[in.remaining()];
    in.get(replacements);
    return new Charsmap(units, replacements);
  }

  /**
   * The longest match at {@code utf8[from]}.
   *
   * @return its length in the upper half and the replacement's offset in the lower, or -1
   */
  long longest(byte[] utf8, int from) {
    long found = -1;
    int node = offset(units[0]);
    for (int i = from; i < utf8.length; i++) {
      int label = utf8[i] & 0xFF;
      node ^= label;
      if (node < 0 || node >= units.length) return found;
      int unit = units[node];
      if ((unit & 0x800000FF) != label) return found;
      node ^= offset(unit);
      if (node < 0 || node >= units.length) return found;
      if ((unit >>> 8 & 1) == 1) found = (long) (i + 1 - from) << 32 | units[node] & 0x7FFFFFFF;
    }
    return found;
  }

  String replacement(int offset) {
    int end = Math.min(offset, replacements.length);
    int start = end;
    while (end < replacements.length && replacements[end] != 0) end++;
    return new String(replacements, start, end - start, StandardCharsets.UTF_8);
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }
}
