package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Python's string operations, by code point where that makes a difference. */
final class Strings {
  private Strings() {}

  /** {@code str.isspace} of one character. */
  static boolean isSpace(int c) {
    return c == ' '
        || c >= 9 && c <= 13
        || c >= 0x1c && c <= 0x1f
        || c == 0x85
        || c == 0xa0
        || c > 0xff && (Character.isSpaceChar(c));
  }

  /** Whether there is at least one character from {@code start} on and all of them are space. */
  static boolean isBlank(String text, int start) {
    for (int i = start; i < text.length(); i++) if (!isSpace(text.charAt(i))) return false;
    return start < text.length();
  }

  /** Strips space, or the characters of {@code set} where it is given. */
  static String strip(String text, String set, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && isStripped(text.codePointAt(start), set))
      start += Character.charCount(text.codePointAt(start));
    while (right && end > start && isStripped(text.codePointBefore(end), set))
      end -= Character.charCount(text.codePointBefore(end));
    return text.substring(start, end);
  }

  private static boolean isStripped(int c, String set) {
    return set == null ? isSpace(c) : set.indexOf(c) >= 0;
  }

  /** The character at an index counted in code points. */
  static String character(String text, int index) {
    int at = text.offsetByCodePoints(0, index);
    return text.substring(at, at + Character.charCount(text.codePointAt(at)));
  }

  /** {@code count} of -1 replaces all. */
  static String replace(String text, String old, String replacement, long count, Budget budget) {
    long left = count < 0 ? Long.MAX_VALUE : count;
    Output output = new Output(budget);
    int from = 0;
    if (old.isEmpty()) {
      for (; left > 0; left--) {
        output.append(replacement);
        if (from == text.length()) break;
        int next = from + Character.charCount(text.codePointAt(from));
        output.append(text, from, next);
        from = next;
      }
    } else {
      for (int at = text.indexOf(old); at >= 0 && left > 0; at = text.indexOf(old, from), left--) {
        output.append(text, from, at).append(replacement);
        from = at + old.length();
      }
    }
    return output.append(text, from, text.length()).toString();
  }

  /** {@code separator} of null splits at runs of space; {@code limit} of -1 splits everywhere. */
  static List<Object> split(String text, String separator, long limit, Budget budget) {
    if (separator == null) return splitAtSpace(text, limit, budget);
    if (separator.isEmpty()) throw new TemplateException("empty separator");
    List<Object> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(separator);
        at >= 0 && (limit < 0 || parts.size() < limit);
        at = text.indexOf(separator, from)) {
      budget.makesItems(1);
      parts.add(text.substring(from, at));
      from = at + separator.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<Object> splitAtSpace(String text, long limit, Budget budget) {
    List<Object> parts = new ArrayList<>();
    int at = skipSpace(text, 0);
    while (at < text.length()) {
      budget.makesItems(1);
      if (limit >= 0 && parts.size() >= limit) {
        parts.add(text.substring(at));
        break;
      }
      int end = at;
      while (end < text.length() && !isSpace(text.charAt(end))) end++;
      parts.add(text.substring(at, end));
      at = skipSpace(text, end);
    }
    return parts;
  }

  private static int skipSpace(String text, int start) {
    int at = start;
    while (at < text.length() && isSpace(text.charAt(at))) at++;
    return at;
  }

  /** As {@link #split}, from the right. */
  static List<Object> splitFromRight(String text, String separator, long limit, Budget budget) {
    String mirrored = new StringBuilder(text).reverse().toString();
    String mirroredSeparator =
        separator == null ? null : new StringBuilder(separator).reverse().toString();
    List<Object> parts = split(mirrored, mirroredSeparator, limit, budget);
    List<Object> inOrder = new ArrayList<>();
    for (int i = parts.size() - 1; i >= 0; i--)
      inOrder.add(new StringBuilder((String) parts.get(i)).reverse().toString());
    return inOrder;
  }

  static Tuple partition(String text, String separator, boolean fromRight) {
    if (separator.isEmpty()) throw new TemplateException("empty separator");
    int at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) return fromRight ? new Tuple("", "", text) : new Tuple(text, "", "");
    return new Tuple(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  static List<Object> splitLines(String text, boolean keepEnds, Budget budget) {
    List<Object> lines = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      if (!isLineEnd(text.charAt(i))) continue;
      int end = i;
      if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') i++;
      budget.makesItems(1);
      lines.add(text.substring(from, keepEnds ? i + 1 : end));
      from = i + 1;
    }
    if (from < text.length()) lines.add(text.substring(from));
    return lines;
  }

  private static boolean isLineEnd(char c) {
    return c >= 10 && c <= 13 || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
  }

  static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) return text;
    int first = Character.charCount(text.codePointAt(0));
    return titleCase(text.substring(0, first)) + lower(text.substring(first));
  }

  /** {@code str.title}: upper case after everything that is not a letter. */
  static String title(String text) {
    StringBuilder titled = new StringBuilder(text.length());
    boolean wordStarts = true;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      String character = Character.toString(text.codePointAt(i));
      titled.append(wordStarts ? titleCase(character) : lower(character));
      wordStarts = !Character.isLetter(text.codePointAt(i));
    }
    return titled.toString();
  }

  private static String titleCase(String character) {
    int c = character.codePointAt(0);
    int title = Character.toTitleCase(c);
    return title != c ? Character.toString(title) : upper(character);
  }

  static String swapCase(String text) {
    StringBuilder swapped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c ->
                swapped.append(
                    Character.isUpperCase(c)
                        ? lower(Character.toString(c))
                        : upper(Character.toString(c))));
    return swapped.toString();
  }

  /** {@code side} is -1 to put the text left, 0 in the middle, 1 right. */
  static String pad(String text, long width, int side, char fill, Budget budget) {
    long missing = width - Types.length(text);
    if (missing <= 0) return text;
    budget.makesText(missing);
    long left = side < 0 ? 0 : side > 0 ? missing : missing / 2 + (missing & width & 1);
    return new Output(budget)
        .repeat(fill, left)
        .append(text)
        .repeat(fill, missing - left)
        .toString();
  }
}
