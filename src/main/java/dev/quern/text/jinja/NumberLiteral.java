package dev.quern.text.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Number literals of templates: decimal, hexadecimal, octal and binary integers, and floats, with
 * underscores between digits.
 */
final class NumberLiteral {
  private static final Pattern FLOAT_LITERAL =
      Pattern.compile(
          "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
  private static final Pattern INTEGER_LITERAL =
      Pattern.compile(
          "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");

  private NumberLiteral() {}

  /** The place after the literal that starts at {@code start}. */
  static int end(String source, int start, int line) {
    Matcher real =
        FLOAT_LITERAL.matcher(source).region(start, source.length()).useTransparentBounds(true);
    if (real.lookingAt()) return real.end();
    Matcher integer = INTEGER_LITERAL.matcher(source).region(start, source.length());
    if (integer.lookingAt()) return integer.end();
    throw TemplateException.atLine(line, "not a number");
  }

  /** A Long or a Double. */
  static Object value(String literal, int line) {
    String digits = literal.replace("_", "");
    int radix = digits.length() < 2 ? 10 : radix(digits.charAt(1));
    if (radix == 10
        && (digits.indexOf('.') >= 0 || digits.indexOf('e') >= 0 || digits.indexOf('E') >= 0))
      return Double.valueOf(digits);
    try {
      return Long.valueOf(radix == 10 ? digits : digits.substring(2), radix);
    } catch (NumberFormatException e) {
      throw TemplateException.atLine(line, "the integer " + digits + " is too large");
    }
  }

  private static int radix(char mark) {
    return switch (mark) {
      case 'x', 'X' -> 16;
      case 'o', 'O' -> 8;
      case 'b', 'B' -> 2;
      default -> 10;
    };
  }
}
