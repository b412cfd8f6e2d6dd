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
  private final OrderFilters order;

  Filters(Budget budget) {
    this.budget = budget;
    this.text = new TextFilters(budget);
    this.sequences = new SequenceFilters(budget, this);
    this.order = new OrderFilters(budget, this);
  }

  /** Whether templates can name such a filter. */
  static boolean exists(String name) {
    return OWN.contains(name)
        || NumberFilters.NAMES.contains(name)
        || TextFilters.NAMES.contains(name)
        || SequenceFilters.NAMES.contains(name)
        || OrderFilters.NAMES.contains(name);
  }

  private static final java.util.Set<String> OWN =
      java.util.Set.of(
          "default",
          "d",
          "length",
          "count",
          "tojson",
          "items",
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
      default -> {
        if (NumberFilters.NAMES.contains(name)) yield NumberFilters.apply(name, value, arguments);
        if (TextFilters.NAMES.contains(name)) yield text.apply(name, value, arguments);
        if (SequenceFilters.NAMES.contains(name)) yield sequences.apply(name, value, arguments);
        if (OrderFilters.NAMES.contains(name)) yield order.apply(name, value, arguments);
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

  /** What an item is compared by. */
  Object key(Object item, Object attribute, boolean caseSensitive) {
    Object key = path(item, attribute);
    return caseSensitive ? key : Sorting.ignoringCase(key);
  }

  /**
   * What an item is sorted by: one or more attributes, separated by commas; a tuple, in which
   * undefined values are equal.
   */
  Tuple sortKey(Object item, Object attribute, boolean caseSensitive) {
    if (!(attribute instanceof String text)) return new Tuple(key(item, attribute, caseSensitive));
    String[] parts = text.split(",");
    Object[] keys = new Object[parts.length];
    for (int i = 0; i < parts.length; i++) keys[i] = key(item, parts[i], caseSensitive);
    return new Tuple(keys);
  }
}
