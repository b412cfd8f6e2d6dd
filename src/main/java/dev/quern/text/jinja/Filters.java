package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.List;
import java.util.Map;

/**
 * What {@code value | name} makes of a value: the filters of one value here, those of text and of
 * sequences in their own classes.
 */
final class Filters {
  private final Budget budget;
  private final TextFilters text;
  private final SequenceFilters sequences;

  Filters(Budget budget) {
    this.budget = budget;
    this.text = new TextFilters(budget);
    this.sequences = new SequenceFilters(budget, this);
  }

  /** Whether templates can name such a filter. */
  static boolean exists(String name) {
    return OWN.contains(name)
        || TextFilters.NAMES.contains(name)
        || SequenceFilters.NAMES.contains(name);
  }

  private static final java.util.Set<String> OWN =
      java.util.Set.of(
          "default",
          "d",
          "length",
          "count",
          "tojson",
          "items",
          "int",
          "float",
          "abs",
          "round",
          "attr",
          "safe",
          "string",
          "escape",
          "e",
          "forceescape");

  Object apply(String name, Object value, Arguments arguments) {
    budget.step();
    return switch (name) {
      case "default", "d" -> {
        Bound bound = arguments.bind(name, "default_value", "boolean");
        boolean missing = value instanceof Undefined || bound.flag(1, false) && !Types.truth(value);
        yield missing ? bound.get(0, "") : value;
      }
      case "length", "count" -> {
        arguments.bind(name);
        yield Types.length(value);
      }
      case "tojson" ->
          json(value, arguments.bind(name, "ensure_ascii", "indent", "separators", "sort_keys"));
      case "items" -> {
        arguments.bind(name);
        if (value instanceof Undefined) yield Values.Generator.of(List.of());
        if (!(value instanceof Map<?, ?> dict))
          throw new TemplateException("Can only get item pairs from a mapping.");
        yield new Values.Generator("generator", new Values.DictView("items", dict).iterator());
      }
      case "string" -> value instanceof Markup ? value : Repr.text(value, budget);
      case "safe" -> new Markup(Repr.text(value, budget));
      case "escape", "e" -> new Markup(Arithmetics.escaped(value, budget));
      case "forceescape" -> new Markup(Arithmetics.escaped(Repr.text(value, budget), budget));
      case "attr" -> attribute(value, arguments.bind(name, "name").text(0));
      case "int" -> integer(value, arguments.bind(name, "default", "base"));
      case "float" -> real(value, arguments.bind(name, "default"));
      case "abs" -> absolute(value);
      case "round" -> round(value, arguments.bind(name, "precision", "method"));
      default -> {
        if (TextFilters.NAMES.contains(name)) yield text.apply(name, value, arguments);
        if (SequenceFilters.NAMES.contains(name)) yield sequences.apply(name, value, arguments);
        throw new TemplateException("No filter named '" + name + "'");
      }
    };
  }

  private String json(Object value, Bound bound) {
    Object width = bound.get(1, null);
    String indent =
        switch (width) {
          case null -> null;
          case String literal -> literal;
          default -> {
            long spaces = Types.integer(width, "indent");
            budget.makesText(spaces);
            yield " ".repeat((int) Math.max(0, spaces));
          }
        };
    String itemSeparator = indent == null ? ", " : ",";
    String keySeparator = ": ";
    if (bound.get(2, null) != null) {
      List<?> separators = Types.items(bound.get(2), budget);
      if (separators.size() != 2) throw new TemplateException("tojson needs two separators");
      itemSeparator = Repr.text(separators.get(0), budget);
      keySeparator = Repr.text(separators.get(1), budget);
    }
    return new Json(
            budget, bound.flag(0, false), indent, itemSeparator, keySeparator, bound.flag(3, false))
        .write(value);
  }

  /** An attribute and never an item. */
  private Object attribute(Object value, String name) {
    if (value instanceof Map<?, ?> dict) {
      Object method = CollectionMethods.ofDict(dict, name);
      return method != null ? method : Undefined.member(value, name);
    }
    return value instanceof Undefined
        ? Undefined.member(value, name)
        : Lookup.attribute(value, name, budget);
  }

  private static Object integer(Object value, Bound bound) {
    Object otherwise = bound.get(0, 0L);
    return switch (Arithmetics.number(value)) {
      case Long number -> number;
      case Double number -> Math.abs(number) < 0x1p63 ? (Object) (long) (double) number : otherwise;
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
        var rounded =
            new java.math.BigDecimal(real)
                .setScale((int) precision, java.math.RoundingMode.HALF_EVEN);
        yield number instanceof Long
            ? (Object) rounded.longValue()
            : (Object) rounded.doubleValue();
      }
      default -> throw new TemplateException("method must be common, ceil or floor");
    };
  }

  /** An attribute path such as {@code function.name} or {@code 0}. */
  Object path(Object value, Object attribute) {
    if (!(attribute instanceof String text))
      return attribute == null ? value : Lookup.item(value, attribute, budget);
    Object found = value;
    for (String part : text.split("\\.", -1)) {
      boolean isIndex =
          !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
      found = Lookup.item(found, isIndex ? (Object) Long.valueOf(part) : part, budget);
    }
    return found;
  }

  /** One key of a sort that may have several attributes, separated by commas. */
  Object sortKey(Object value, Object attribute, boolean caseSensitive) {
    if (!(attribute instanceof String text) || text.indexOf(',') < 0) {
      Object key = path(value, attribute);
      return caseSensitive ? key : Sorting.ignoringCase(key);
    }
    String[] parts = text.split(",");
    Object[] keys = new Object[parts.length];
    for (int i = 0; i < parts.length; i++)
      keys[i] = caseSensitive ? path(value, parts[i]) : Sorting.ignoringCase(path(value, parts[i]));
    return new Tuple(keys);
  }
}
