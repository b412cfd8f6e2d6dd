package dev.quern.batch.store;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A result's id, which says whose it is: {@code quern-FINGERPRINT-NUMBER-HASH}, with 8 hex digits
 * of what made the result, the input line's number and 16 hex digits of its hash. It is the first
 * field of an output line, so that a log can be read without parsing JSON.
 */
public record ResultId(long number, long hash) {
  private static final String PREFIX = "quern-";
  static final String LINE_START = "{\"id\":\"" + PREFIX;
  private static final int FINGERPRINT_DIGITS = 8;
  private static final int HASH_DIGITS = 16;

  /** Longest start of an output line that holds the id. */
  static final int HEAD_BYTES = LINE_START.length() + FINGERPRINT_DIGITS + 2 + 19 + HASH_DIGITS + 1;

  public String text(String fingerprint) {
    return PREFIX + fingerprint + "-" + number + "-" + HexFormat.of().toHexDigits(hash);
  }

  /** What made the result, as it stands in the first bytes of an output line that has an id. */
  static String fingerprint(byte[] head) {
    return new String(head, LINE_START.length(), FINGERPRINT_DIGITS, StandardCharsets.US_ASCII);
  }

  /** Of an output line's first bytes; null when it does not start with such an id. */
  static ResultId parse(byte[] head, int length) {
    int at = LINE_START.length();
    if (length < at) return null;
    for (int i = 0; i < at; i++) if (head[i] != LINE_START.charAt(i)) return null;
    for (int end = at + FINGERPRINT_DIGITS; at < end; at++)
      if (at >= length || !HexFormat.isHexDigit(head[at])) return null;
    if (at >= length || head[at++] != '-') return null;
    long number = 0;
    for (int first = at; at < length && head[at] >= '0' && head[at] <= '9'; at++) {
      if (at - first == 18) return null;
      number = number * 10 + head[at] - '0';
    }
    if (number == 0 || at >= length || head[at++] != '-') return null;
    long hash = 0;
    for (int end = at + HASH_DIGITS; at < end; at++) {
      if (at >= length || !HexFormat.isHexDigit(head[at])) return null;
      hash = hash << 4 | HexFormat.fromHexDigit(head[at]);
    }
    return at < length && head[at] == '"' ? new ResultId(number, hash) : null;
  }
}
