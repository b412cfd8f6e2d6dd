package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Set;

/** Filters that make numbers. */
final class NumberFilters {
  static final Set<String> NAMES = Set.of("int", "float", "abs", "round");

  private NumberFilters() {}

  static Object apply(String name, Object value, Arguments arguments) {
    return switch (name) {
      case "int" -> integer(value, arguments.bind(name, "default", "base"));
      case "float" -> real(value, arguments.bind(name, "default"));
      case "abs" -> {
        arguments.bind(name);
        yield absolute(value);
      }
      default -> round(value, arguments.bind(name, "precision", "method"));
    };
  }

  private static Object integer(Object value, Bound bound) {
    Object otherwise = bound.get(0, 0L);
    return switch (Arithmetics.number(value)) {
      case Long number -> number;
      case Double number -> Math.abs(number) < 0x1p63 ? (Object) (long) (double) number : otherwise;
      case Undefined undefined -> throw undefined.error();
      case String text -> integer(text, (int) bound.integer(1, 10), otherwise);
      case Markup(String text) -> integer(text, (int) bound.integer(1, 10), otherwise);
      case null, default -> otherwise;
    };
  }

  private static Object integer(String text, int base, Object otherwise) {
    String digits = Strings.strip(text, null, true, true).replace("_", "");
    try {
      if (base < Character.MIN_RADIX || base > Character.MAX_RADIX) return otherwise;
      return Long.valueOf(withoutPrefix(digits, base), base);
    } catch (NumberFormatException e) {
      Object real = parse(digits);
      return real instanceof Double number && Math.abs(number) < 0x1p63
          ? (Object) (long) (double) number
          : otherwise;
    }
  }

  private static String withoutPrefix(String digits, int base) {
    String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : null;
    return prefix != null && digits.regionMatches(true, 0, prefix, 0, 2)
        ? digits.substring(2)
        : digits;
  }

  private static Object real(Object value, Bound bound) {
    Object otherwise = bound.get(0, 0.0);
    Object parsed =
        switch (Arithmetics.number(value)) {
          case Undefined undefined -> throw undefined.error();
          case Number number -> (Object) number.doubleValue();
          case String text -> parse(Strings.strip(text, null, true, true));
          case Markup(String text) -> parse(Strings.strip(text, null, true, true));
          case null, default -> null;
        };
    return parsed == null ? otherwise : parsed;
  }

  /**
   * Null where the text is no float; Java would take a type suffix and hexadecimal, Python does
   * not.
   */
  private static Double parse(String text) {
    String word = Strings.lower(Strings.strip(text, "+-", true, false));
    double sign = text.startsWith("-") ? -1 : 1;
    if (word.equals("nan")) return Double.NaN;
    if (word.equals("inf") || word.equals("infinity")) return sign * Double.POSITIVE_INFINITY;
    if (text.isEmpty()
        || text.length() > 400
        || !text.chars().allMatch(c -> c >= '0' && c <= '9' || "+-.eE".indexOf(c) >= 0))
      return null;
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Object absolute(Object value) {
    return switch (Arithmetics.number(value)) {
      case Long number -> number < 0 ? Arithmetics.negate(number) : number;
      case Double number -> Math.abs(number);
      case Undefined undefined -> throw undefined.error();
      case null, default ->
          throw new TemplateException("bad operand type for abs(): '" + Types.name(value) + "'");
    };
  }

  private static Object round(Object value, Bound bound) {
    long precision = Math.max(-400, Math.min(400, bound.integer(0, 0)));
    String method = bound.text(1, "common");
    Object number = Arithmetics.positive(value);
    double real = ((Number) number).doubleValue();
    double scale = Math.pow(10, precision);
    return switch (method) {
      case "ceil" -> (Object) (Math.ceil(real * scale) / scale);
      case "floor" -> (Object) (Math.floor(real * scale) / scale);
      case "common" -> {
        if (number instanceof Long && precision >= 0) yield number;
        if (Double.isNaN(real) || Double.isInfinite(real)) yield real;
        var rounded = new BigDecimal(real).setScale((int) precision, RoundingMode.HALF_EVEN);
        yield number instanceof Long
            ? (Object) rounded.longValue()
            : (Object) rounded.doubleValue();
      }
      default -> throw new TemplateException("method must be common, ceil or floor");
    };
  }
}
