package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Python's {@code + - * / // % **}: on numbers, and on text and lists where they mean something.
 * Integers have 64 bits.
 */
final class Arithmetics {
  private Arithmetics() {}

  static Object apply(String operator, Object left, Object right, Budget budget) {
    if (left instanceof Undefined undefined) throw undefined.error();
    if (right instanceof Undefined undefined) throw undefined.error();
    Object x = number(left);
    Object y = number(right);
    if (x instanceof Long a && y instanceof Long b) return onIntegers(operator, a, b);
    if (x instanceof Number a && y instanceof Number b)
      return onFloats(operator, a.doubleValue(), b.doubleValue());
    Object result =
        switch (operator) {
          case "+" -> sum(left, right, budget);
          case "*" ->
              y instanceof Long count
                  ? repeat(left, count, budget)
                  : x instanceof Long count ? repeat(right, count, budget) : null;
          case "%" ->
              switch (left) {
                case String format -> PercentFormat.format(format, right, budget);
                case Markup(String format) ->
                    new Markup(PercentFormat.format(format, right, budget));
                case null, default -> null;
              };
          default -> null;
        };
    if (result != null) return result;
    throw new TemplateException(
        "unsupported operand type(s) for "
            + operator
            + ": '"
            + Types.name(left)
            + "' and '"
            + Types.name(right)
            + "'");
  }

  /** Booleans count as 0 and 1; other values stay as they are. */
  static Object number(Object value) {
    return value instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : value;
  }

  static Object negate(Object value) {
    return switch (number(value)) {
      case Long number -> onIntegers("-", 0, number);
      case Double number -> -number;
      case Undefined undefined -> throw undefined.error();
      case null, default ->
          throw new TemplateException("bad operand type for unary -: '" + Types.name(value) + "'");
    };
  }

  static Object positive(Object value) {
    return switch (number(value)) {
      case Number number -> number;
      case Undefined undefined -> throw undefined.error();
      case null, default ->
          throw new TemplateException("bad operand type for unary +: '" + Types.name(value) + "'");
    };
  }

  /** A float cut to an integer. */
  static long toInteger(double value) {
    if (!(Math.abs(value) < 0x1p63))
      throw new TemplateException("cannot convert float " + Repr.ofFloat(value) + " to integer");
    return (long) value;
  }

  private static Object onIntegers(String operator, long a, long b) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "/" -> (double) a / notZero(b);
        case "//" -> Math.floorDiv(a, notZero(b));
        case "%" -> Math.floorMod(a, notZero(b));
        default -> b < 0 ? (Object) Math.pow(a, b) : (Object) power(a, b);
      };
    } catch (ArithmeticException e) {
      throw new TemplateException("an integer exceeds 64 bits");
    }
  }

  private static long notZero(long divisor) {
    if (divisor == 0) throw new TemplateException("division by zero");
    return divisor;
  }

  private static long power(long base, long exponent) {
    if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
    if (base == -1) return (exponent & 1) == 0 ? 1 : -1;
    long result = 1;
    // Overflow ends the loop after 63 rounds at most.
    for (long i = 0; i < exponent; i++) result = Math.multiplyExact(result, base);
    return result;
  }

  private static Double onFloats(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%")))
      throw new TemplateException("float division by zero");
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      case "%" -> a - b * Math.floor(a / b);
      default -> Math.pow(a, b);
    };
  }

  private static Object sum(Object left, Object right, Budget budget) {
    if (left instanceof Markup || right instanceof Markup) return markupSum(left, right, budget);
    if (left instanceof String a && right instanceof String b) {
      budget.makesText((long) a.length() + b.length());
      return a.concat(b);
    }
    if (left instanceof List<?> a
        && right instanceof List<?> b
        && a instanceof Tuple == b instanceof Tuple) {
      budget.makesItems((long) a.size() + b.size());
      List<Object> items = new ArrayList<>(a.size() + b.size());
      items.addAll(a);
      items.addAll(b);
      return a instanceof Tuple ? Tuple.of(items) : items;
    }
    return null;
  }

  /** Marked text stays marked; what is added to it is escaped. */
  private static Object markupSum(Object left, Object right, Budget budget) {
    boolean isText =
        (left instanceof Markup || left instanceof String)
            && (right instanceof Markup || right instanceof String);
    if (!isText) return null;
    return new Markup(
        new Output(budget).append(escaped(left, budget)).append(escaped(right, budget)).toString());
  }

  /** The text of marked text, and other values escaped for HTML. */
  static String escaped(Object value, Budget budget) {
    if (value instanceof Markup(String text)) return text;
    String text = Repr.text(value, budget);
    Output output = new Output(budget);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> output.append("&amp;");
        case '<' -> output.append("&lt;");
        case '>' -> output.append("&gt;");
        case '"' -> output.append("&#34;");
        case '\'' -> output.append("&#39;");
        default -> output.append(c);
      }
    }
    return output.toString();
  }

  private static Object repeat(Object value, long count, Budget budget) {
    int times = (int) Math.max(0, Math.min(count, Integer.MAX_VALUE));
    return switch (value) {
      case String text -> repeat(text, times, budget);
      case Markup(String text) -> new Markup(repeat(text, times, budget));
      case List<?> list -> {
        budget.makesItems((long) list.size() * times);
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < times && !list.isEmpty(); i++) items.addAll((Collection<?>) list);
        yield list instanceof Tuple ? Tuple.of(items) : items;
      }
      case null, default -> null;
    };
  }

  private static String repeat(String text, int times, Budget budget) {
    budget.makesText((long) text.length() * times);
    return text.repeat(times);
  }
}
