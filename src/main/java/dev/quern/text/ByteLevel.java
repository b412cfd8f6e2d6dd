package dev.quern.text;

import java.util.Map;

/**
 * The alphabet of byte-level BPE: one printable character for each byte. Source: GPT-2's
 * bytes_to_unicode: printable bytes stand for themselves, the others for 256 and on.
 */
final class ByteLevel {
  private static final char[] CHARACTERS = new char[256];

  static {
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      CHARACTERS[b] = (char) (printable ? b : next++);
    }
  }

  private ByteLevel() {}

  static String text(byte[] bytes) {
    char[] text = new char[bytes.length];
    for (int i = 0; i < text.length; i++) text[i] = CHARACTERS[bytes[i] & 0xFF];
    return new String(text);
  }

  static String text(int b) {
    return String.valueOf(CHARACTERS[b & 0xFF]);
  }

  /**
   * The library's step into the alphabet.
   *
   * @param splits whether it also cuts text by GPT-2's pattern
   */
  static Map<String, Object> preTokenizer(boolean addPrefixSpace, boolean splits) {
    return Map.of(
        "type",
        "ByteLevel",
        "add_prefix_space",
        addPrefixSpace,
        "trim_offsets",
        false,
        "use_regex",
        splits);
  }

  /** The library's step out of it. */
  static Map<String, Object> decoder() {
    return preTokenizer(false, false);
  }

  /** The library's step that cuts text where the pattern matches. */
  static Map<String, Object> split(String pattern) {
    return Map.of(
        "type",
        "Split",
        "pattern",
        Map.of("Regex", pattern),
        "behavior",
        "Isolated",
        "invert",
        false);
  }
}
