package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Undefined;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** What {@code value is name} asks. */
final class Tests {
  private Tests() {}

  static boolean holds(String name, Object value, Arguments arguments, Budget budget) {
    return switch (name) {
      case "eq", "equalto", "==" -> Equality.holds("==", value, other(name, arguments), budget);
      case "ne", "!=" -> Equality.holds("!=", value, other(name, arguments), budget);
      case "lt", "lessthan", "<" -> Equality.holds("<", value, other(name, arguments), budget);
      case "le", "<=" -> Equality.holds("<=", value, other(name, arguments), budget);
      case "gt", "greaterthan", ">" -> Equality.holds(">", value, other(name, arguments), budget);
      case "ge", ">=" -> Equality.holds(">=", value, other(name, arguments), budget);
      case "in" -> Equality.contains(other(name, arguments), value, budget);
      case "sameas" -> isSame(value, other(name, arguments));
      case "divisibleby" -> remainder(value, other(name, arguments), budget).equals(0L);
      default -> {
        arguments.bind(name);
        yield ofOne(name, value, budget);
      }
    };
  }

  private static Object other(String name, Arguments arguments) {
    return arguments.bind(name, "other").get(0);
  }

  private static boolean ofOne(String name, Object value, Budget budget) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value == null;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "integer" -> value instanceof Long || value instanceof BigInteger;
      case "float" -> value instanceof Double;
      case "number" -> value instanceof Number || value instanceof Boolean;
      case "string" -> value instanceof String || value instanceof Markup;
      case "mapping" -> value instanceof Map;
      case "iterable" -> Types.isIterable(value);
      case "sequence" ->
          value instanceof String
              || value instanceof Markup
              || value instanceof List
              || value instanceof Map
              || value instanceof Undefined;
      case "callable" -> value instanceof Callable || value instanceof LoopState;
      case "escaped" -> value instanceof Markup;
      case "odd" -> remainder(value, 2L, budget).equals(1L);
      case "even" -> remainder(value, 2L, budget).equals(0L);
      case "lower" -> StringMethods.isLower(Repr.text(value, budget));
      case "upper" -> StringMethods.isUpper(Repr.text(value, budget));
      case "filter" -> Filters.exists(Repr.text(value, budget));
      default -> throw new TemplateException("No test named '" + name + "'");
    };
  }

  private static Object remainder(Object value, Object divisor, Budget budget) {
    Object remainder = Arithmetics.apply("%", value, divisor, budget);
    return remainder instanceof Double number && number == Math.rint(number)
        ? (Object) (long) (double) number
        : remainder;
  }

  /** Identity, which small numbers and literals of equal text share in Python. */
  private static boolean isSame(Object value, Object other) {
    if (value == other) return true;
    return value != null
        && other != null
        && value.getClass() == other.getClass()
        && isAtom(value)
        && value.equals(other);
  }

  private static boolean isAtom(Object value) {
    return value instanceof Boolean || value instanceof Long || value instanceof String;
  }
}
