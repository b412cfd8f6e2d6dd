package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Generator;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Range;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Python's comparisons: {@code ==}, {@code <} and {@code in}. */
final class Equality {
  private Equality() {}

  static boolean equal(Object left, Object right, Budget budget) {
    if (left == right) return true;
    Object a = plain(left);
    Object b = plain(right);
    budget.looksAt(a);
    if (a instanceof Number x && b instanceof Number y) return order(x, y) == 0;
    if (a instanceof List<?> x && b instanceof List<?> y)
      return kind(x) == kind(y) && equalItems(x, y, budget);
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) return equalDicts(x, y, budget);
    return Objects.equals(a, b);
  }

  private static Class<?> kind(List<?> list) {
    return list instanceof Tuple ? Tuple.class : list instanceof Range ? Range.class : List.class;
  }

  private static boolean equalItems(List<?> x, List<?> y, Budget budget) {
    if (x.size() != y.size()) return false;
    budget.enter();
    budget.steps(x.size());
    for (int i = 0; i < x.size(); i++) if (!equal(x.get(i), y.get(i), budget)) return false;
    budget.leave();
    return true;
  }

  private static boolean equalDicts(Map<?, ?> x, Map<?, ?> y, Budget budget) {
    if (x.size() != y.size()) return false;
    budget.enter();
    budget.steps(x.size());
    for (Map.Entry<?, ?> entry : x.entrySet()) {
      if (!y.containsKey(entry.getKey()) || !equal(entry.getValue(), y.get(entry.getKey()), budget))
        return false;
    }
    budget.leave();
    return true;
  }

  /** Booleans are the integers 0 and 1, marked text is text. */
  private static Object plain(Object value) {
    return switch (value) {
      case Boolean flag -> flag ? 1L : 0L;
      case Markup(String text) -> text;
      case null, default -> value;
    };
  }

  /** One of the operators of a comparison chain. */
  static boolean holds(String operator, Object left, Object right, Budget budget) {
    return switch (operator) {
      case "==" -> equal(left, right, budget);
      case "!=" -> !equal(left, right, budget);
      case "in" -> contains(right, left, budget);
      case "not in" -> !contains(right, left, budget);
      default -> {
        if (isNaN(left) || isNaN(right)) yield false;
        int order = order(operator, left, right, budget);
        yield switch (operator) {
          case "<" -> order < 0;
          case ">" -> order > 0;
          case "<=" -> order <= 0;
          default -> order >= 0;
        };
      }
    };
  }

  private static boolean isNaN(Object value) {
    return value instanceof Double number && number.isNaN();
  }

  /** Negative, zero or positive as {@code left} comes before, with or after {@code right}. */
  static int order(String operator, Object left, Object right, Budget budget) {
    Object a = plain(left);
    Object b = plain(right);
    budget.looksAt(a);
    if (a instanceof Undefined undefined) throw undefined.error();
    if (b instanceof Undefined undefined) throw undefined.error();
    if (a instanceof Number x && b instanceof Number y) return order(x, y);
    if (a instanceof String x && b instanceof String y) return orderByCodePoint(x, y);
    if (a instanceof List<?> x
        && b instanceof List<?> y
        && kind(x) == kind(y)
        && !(x instanceof Range)) {
      budget.enter();
      int order = 0;
      for (int i = 0; order == 0 && i < Math.min(x.size(), y.size()); i++) {
        if (!equal(x.get(i), y.get(i), budget))
          order = order(operator, x.get(i), y.get(i), budget) < 0 ? -1 : 1;
      }
      budget.leave();
      return order != 0 ? order : Integer.compare(x.size(), y.size());
    }
    throw new TemplateException(
        "'"
            + operator
            + "' not supported between instances of '"
            + Types.name(left)
            + "' and '"
            + Types.name(right)
            + "'");
  }

  private static int order(Number x, Number y) {
    if (x instanceof Long a && y instanceof Long b) return Long.compare(a, b);
    double a = x.doubleValue();
    double b = y.doubleValue();
    return a < b ? -1 : a == b ? 0 : 1;
  }

  /** UTF-16 order differs where surrogates meet the characters after them. */
  private static int orderByCodePoint(String x, String y) {
    int common = Math.min(x.length(), y.length());
    for (int i = 0; i < common; i++) {
      char a = x.charAt(i);
      char b = y.charAt(i);
      if (a != b)
        return Character.isSurrogate(a) == Character.isSurrogate(b)
            ? Character.compare(a, b)
            : Character.isSurrogate(a) ? 1 : -1;
    }
    return Integer.compare(x.length(), y.length());
  }

  static boolean contains(Object container, Object value, Budget budget) {
    budget.looksAt(container);
    return switch (container) {
      case String text -> containsText(text, value);
      case Markup(String text) -> containsText(text, value);
      case Map<?, ?> dict -> dict.containsKey(Lookup.key(value));
      case Undefined _ -> false;
      case Generator generator -> any(generator.iterator(), value, budget);
      case Iterable<?> items -> any(items.iterator(), value, budget);
      case null, default ->
          throw new TemplateException(
              "argument of type '" + Types.name(container) + "' is not iterable");
    };
  }

  private static boolean containsText(String text, Object value) {
    return switch (value) {
      case String part -> text.contains(part);
      case Markup(String part) -> text.contains(part);
      case null, default ->
          throw new TemplateException(
              "'in <string>' requires string as left operand, not " + Types.name(value));
    };
  }

  private static boolean any(Iterator<?> items, Object value, Budget budget) {
    while (items.hasNext()) {
      budget.step();
      if (equal(items.next(), value, budget)) return true;
    }
    return false;
  }
}
