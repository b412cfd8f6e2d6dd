package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Python's {@code %} formatting: {@code %s %r %d %i %u %x %X %o %f %F %e %E %g %G %c %%}, with
 * flags, width and precision.
 */
final class PercentFormat {
  private final String format;
  private final Map<?, ?> named;
  private final List<?> values;
  private final Output output;
  private int at;
  private int used;

  private PercentFormat(String format, Object arguments, Budget budget) {
    this.format = format;
    this.named = arguments instanceof Map<?, ?> map ? map : null;
    this.values =
        arguments instanceof Tuple tuple ? tuple : java.util.Collections.singletonList(arguments);
    this.output = new Output(budget);
  }

  static String format(String format, Object arguments, Budget budget) {
    return new PercentFormat(format, arguments, budget).run();
  }

  private String run() {
    while (at < format.length()) {
      int percent = format.indexOf('%', at);
      if (percent < 0) break;
      output.append(format, at, percent);
      at = percent + 1;
      conversion();
    }
    output.append(format, at, format.length());
    if (named == null && used < values.size())
      throw new TemplateException("not all arguments converted during string formatting");
    return output.toString();
  }

  private void conversion() {
    Object value = null;
    boolean hasValue = false;
    if (peek() == '(') {
      int end = format.indexOf(')', at);
      if (end < 0 || named == null) throw new TemplateException("format requires a mapping");
      String key = format.substring(at + 1, end);
      if (!named.containsKey(key))
        throw new TemplateException("no value named '" + key + "' to format");
      value = named.get(key);
      hasValue = true;
      at = end + 1;
    }
    String flags = "";
    while ("-+ #0".indexOf(peek()) >= 0) flags += format.charAt(at++);
    long width = number();
    if (width < 0) {
      width = -width;
      flags += "-";
    }
    long precision = -1;
    if (peek() == '.') {
      at++;
      precision = Math.max(0, number());
    }
    while ("hlL".indexOf(peek()) >= 0) at++;
    char type = peek();
    at++;
    if (type == '%') {
      output.append('%');
      return;
    }
    output.budget().makesText(Math.max(width, precision));
    pad(text(type, hasValue ? value : next(), flags, (int) precision), flags, width, type);
  }

  private char peek() {
    if (at >= format.length()) throw new TemplateException("incomplete format");
    return format.charAt(at);
  }

  private long number() {
    if (peek() == '*') {
      at++;
      return Types.integer(next(), "a format width");
    }
    long number = 0;
    while (Character.digit(peek(), 10) >= 0) {
      number = number * 10 + Character.digit(format.charAt(at++), 10);
      if (number > Budget.MAX_TEXT_CHARS)
        throw new TemplateException("a format width or precision is too large");
    }
    return number;
  }

  private Object next() {
    if (named != null && used == 0 && values.size() == 1) return values.get(used++);
    if (used >= values.size())
      throw new TemplateException("not enough arguments for format string");
    return values.get(used++);
  }

  private String text(char type, Object value, String flags, int precision) {
    return switch (type) {
      case 's', 'r', 'a' -> {
        String text =
            type == 's' ? Repr.text(value, output.budget()) : Repr.of(value, output.budget());
        yield precision >= 0 && precision < Types.length(text)
            ? text.substring(0, text.offsetByCodePoints(0, precision))
            : text;
      }
      case 'c' -> character(value);
      case 'd', 'i', 'u' -> signed(Long.toString(whole(value, type)), flags, precision);
      case 'x', 'X', 'o' -> {
        String digits = inRadix(whole(value, type), type);
        boolean negative = digits.startsWith("-");
        String prefix = flags.indexOf('#') < 0 ? "" : "0" + type;
        String text = negative ? "-" + prefix + digits.substring(1) : prefix + digits;
        yield signed(text, flags, precision);
      }
      case 'f', 'F', 'e', 'E', 'g', 'G' ->
          signed(decimal(real(value), type, precision < 0 ? 6 : precision), flags, -1);
      default -> throw new TemplateException("unsupported format character '" + type + "'");
    };
  }

  /** An integer as %x, %X, %o or %b writes it, without prefix. */
  static String inRadix(long number, char type) {
    String digits = Long.toString(number, type == 'o' ? 8 : type == 'b' ? 2 : 16);
    return type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
  }

  private static String character(Object value) {
    if (value instanceof String text && text.codePointCount(0, text.length()) == 1) return text;
    if (value instanceof Long code && code >= 0 && code <= Character.MAX_CODE_POINT)
      return Character.toString((int) (long) code);
    throw new TemplateException("%c requires int or char");
  }

  private static long whole(Object value, char type) {
    return switch (value) {
      case Double number when type == 'd' || type == 'i' || type == 'u' ->
          Arithmetics.toInteger(number);
      case null, default -> Types.integer(value, "%" + type);
    };
  }

  private static double real(Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case Boolean flag -> flag ? 1 : 0;
      case Undefined undefined -> throw undefined.error();
      case null, default ->
          throw new TemplateException("must be real number, not " + Types.name(value));
    };
  }

  private static String signed(String number, String flags, int precision) {
    boolean negative = number.startsWith("-");
    String digits = negative ? number.substring(1) : number;
    if (precision > digits.length()) digits = "0".repeat(precision - digits.length()) + digits;
    return (negative ? "-" : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "")
        + digits;
  }

  /** A float as %f, %e or %g writes it. */
  static String decimal(double value, char type, int precision) {
    if (Double.isNaN(value) || Double.isInfinite(value)) return Repr.ofFloat(value);
    String sign = value < 0 || value == 0 && 1 / value < 0 ? "-" : "";
    BigDecimal exact = new BigDecimal(Math.abs(value));
    int digits = Math.min(precision, 1100);
    return sign
        + switch (Character.toLowerCase(type)) {
          case 'f' ->
              exact.setScale(digits, RoundingMode.HALF_EVEN).toPlainString()
                  + "0".repeat(precision - digits);
          case 'e' -> scientific(exact, digits, type);
          default -> general(exact, Math.max(1, digits), type);
        };
  }

  private static String scientific(BigDecimal value, int digits, char type) {
    BigDecimal rounded =
        value.signum() == 0
            ? value
            : value.round(new java.math.MathContext(digits + 1, RoundingMode.HALF_EVEN));
    int exponent = exponent(rounded);
    String plain =
        rounded.movePointLeft(exponent).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    int size = Math.abs(exponent);
    return plain
        + (Character.isUpperCase(type) ? 'E' : 'e')
        + (exponent < 0 ? '-' : '+')
        + (size < 10 ? "0" : "")
        + size;
  }

  private static int exponent(BigDecimal value) {
    return value.signum() == 0 ? 0 : value.precision() - value.scale() - 1;
  }

  private static String general(BigDecimal value, int digits, char type) {
    BigDecimal rounded =
        value.signum() == 0
            ? value
            : value.round(new java.math.MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = exponent(rounded);
    if (exponent < -4 || exponent >= digits) {
      String text = scientific(rounded, digits - 1, type);
      int mark = text.indexOf(Character.isUpperCase(type) ? 'E' : 'e');
      return withoutTrailingZeros(text.substring(0, mark)) + text.substring(mark);
    }
    return withoutTrailingZeros(
        rounded.setScale(digits - 1 - exponent, RoundingMode.HALF_EVEN).toPlainString());
  }

  private static String withoutTrailingZeros(String number) {
    if (number.indexOf('.') < 0) return number;
    String stripped = Strings.strip(number, "0", false, true);
    return stripped.endsWith(".") ? stripped.substring(0, stripped.length() - 1) : stripped;
  }

  private void pad(String text, String flags, long width, char type) {
    long missing = width - Types.length(text);
    boolean left = flags.indexOf('-') >= 0;
    boolean zeros = !left && flags.indexOf('0') >= 0 && "sracSRAC".indexOf(type) < 0;
    int sign = zeros && !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
    if (!left && !zeros) output.repeat(' ', missing);
    output.append(text, 0, sign);
    if (zeros) output.repeat('0', missing);
    output.append(text, sign, text.length());
    if (left) output.repeat(' ', missing);
  }
}
