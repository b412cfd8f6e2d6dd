package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.DictView;
import dev.quern.text.jinja.Values.Generator;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Filters over sequences. Those that Python writes as generators give generators here too: always
 * true, without length, taken once.
 */
final class SequenceFilters {
  static final Set<String> NAMES =
      Set.of(
          "list",
          "first",
          "last",
          "join",
          "map",
          "select",
          "reject",
          "selectattr",
          "rejectattr",
          "reverse",
          "unique",
          "sort",
          "dictsort",
          "sum",
          "min",
          "max",
          "batch",
          "slice",
          "groupby");

  private final Budget budget;
  private final Filters filters;

  SequenceFilters(Budget budget, Filters filters) {
    this.budget = budget;
    this.filters = filters;
  }

  Object apply(String name, Object value, Arguments arguments) {
    return switch (name) {
      case "list" -> copy(value);
      case "first" -> {
        Iterator<?> items = Types.iterator(value);
        yield items.hasNext()
            ? items.next()
            : Undefined.because("No first item, sequence was empty.");
      }
      case "last" -> {
        List<Object> items = reversed(value);
        yield items.isEmpty()
            ? Undefined.because("No last item, sequence was empty.")
            : items.getFirst();
      }
      case "join" -> join(value, arguments.bind(name, "d", "attribute"));
      case "map" -> map(value, arguments);
      case "select", "reject" -> selected(value, predicate(arguments), name.equals("select"));
      case "selectattr", "rejectattr" ->
          selected(value, attributePredicate(arguments), name.equals("selectattr"));
      case "reverse" ->
          switch (value) {
            case String text -> new StringBuilder(text).reverse().toString();
            case Markup(String text) -> new StringBuilder(text).reverse().toString();
            case Generator _ -> reversedCopy(value);
            case null, default -> new Generator("reversed", reversed(value).iterator());
          };
      case "unique" -> unique(value, arguments.bind(name, "case_sensitive", "attribute"));
      case "sort" -> {
        Bound bound = arguments.bind(name, "reverse", "case_sensitive", "attribute");
        List<Object> items = copy(value);
        Sorting.sort(
            items,
            item -> filters.sortKey(item, bound.get(2, null), bound.flag(1, false)),
            bound.flag(0, false),
            budget);
        yield items;
      }
      case "dictsort" -> dictSort(value, arguments.bind(name, "case_sensitive", "by", "reverse"));
      case "sum" -> sum(value, arguments.bind(name, "attribute", "start"));
      case "min", "max" ->
          extreme(name, value, arguments.bind(name, "case_sensitive", "attribute"));
      case "batch" -> batch(value, arguments.bind(name, "linecount", "fill_with"));
      case "slice" -> slice(value, arguments.bind(name, "slices", "fill_with"));
      default -> groupBy(value, arguments.bind(name, "attribute", "default", "case_sensitive"));
    };
  }

  private List<Object> copy(Object value) {
    List<?> items = Types.items(value, budget);
    budget.makesItems(items.size());
    return new ArrayList<>(items);
  }

  private List<Object> reversedCopy(Object value) {
    List<Object> items = copy(value);
    Collections.reverse(items);
    return items;
  }

  private List<Object> reversed(Object value) {
    if (value instanceof Generator)
      throw new TemplateException("'" + Types.name(value) + "' object is not reversible");
    return reversedCopy(value);
  }

  private String join(Object value, Bound bound) {
    String separator = Repr.text(bound.get(0, ""), budget);
    Object attribute = bound.get(1, null);
    Output output = new Output(budget);
    boolean first = true;
    for (Iterator<?> items = Types.iterator(value); items.hasNext(); first = false) {
      budget.step();
      if (!first) output.append(separator);
      output.append(Repr.text(filters.path(items.next(), attribute), budget));
    }
    return output.toString();
  }

  private Generator map(Object value, Arguments arguments) {
    Function<Object, Object> function;
    if (arguments.positional().isEmpty() && arguments.keywords().containsKey("attribute")) {
      Bound bound = arguments.bind("map", "attribute", "default");
      Object otherwise = bound.get(1, null);
      function =
          item -> {
            Object found = filters.path(item, bound.get(0));
            return otherwise != null && found instanceof Undefined ? otherwise : found;
          };
    } else {
      if (arguments.positional().isEmpty())
        throw new TemplateException("map requires a filter argument");
      String name = Repr.text(arguments.positional().getFirst(), budget);
      Arguments rest = arguments.dropping(1);
      function = item -> filters.apply(name, item, rest);
    }
    if (!Types.truth(value)) return Generator.of(List.of());
    Iterator<?> items = Types.iterator(value);
    return new Generator(
        "generator",
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return items.hasNext();
          }

          @Override
          public Object next() {
            return function.apply(items.next());
          }
        });
  }

  private Predicate<Object> predicate(Arguments arguments) {
    if (arguments.positional().isEmpty()) return Types::truth;
    String test = Repr.text(arguments.positional().getFirst(), budget);
    Arguments rest = arguments.dropping(1);
    return item -> Tests.holds(test, item, rest, budget);
  }

  private Predicate<Object> attributePredicate(Arguments arguments) {
    if (arguments.positional().isEmpty())
      throw new TemplateException("Missing parameter for attribute name");
    Object attribute = arguments.positional().getFirst();
    Predicate<Object> predicate = predicate(arguments.dropping(1));
    return item -> predicate.test(filters.path(item, attribute));
  }

  private Generator selected(Object value, Predicate<Object> predicate, boolean wanted) {
    if (!Types.truth(value)) return Generator.of(List.of());
    Iterator<?> items = Types.iterator(value);
    return new Generator(
        "generator",
        new Iterator<>() {
          private boolean found;
          private Object next;

          @Override
          public boolean hasNext() {
            while (!found && items.hasNext()) {
              budget.step();
              next = items.next();
              found = predicate.test(next) == wanted;
            }
            return found;
          }

          @Override
          public Object next() {
            if (!hasNext()) throw new NoSuchElementException();
            found = false;
            return next;
          }
        });
  }

  private Generator unique(Object value, Bound bound) {
    Map<Object, Object> byKey = new LinkedHashMap<>();
    for (Object item : Types.items(value, budget)) {
      budget.step();
      byKey.putIfAbsent(
          Lookup.key(filters.sortKey(item, bound.get(1, null), bound.flag(0, false))), item);
    }
    return Generator.of(new ArrayList<>(byKey.values()));
  }

  private List<Object> dictSort(Object value, Bound bound) {
    if (!(value instanceof Map<?, ?> dict))
      throw new TemplateException("dictsort needs a mapping, got " + Types.name(value));
    boolean caseSensitive = bound.flag(0, false);
    int position =
        switch (bound.text(1, "key")) {
          case "key" -> 0;
          case "value" -> 1;
          default ->
              throw new TemplateException("You can only sort by either \"key\" or \"value\"");
        };
    List<Object> items = copy(new DictView("items", dict));
    Sorting.sort(
        items,
        item ->
            caseSensitive
                ? ((Tuple) item).get(position)
                : Sorting.ignoringCase(((Tuple) item).get(position)),
        bound.flag(2, false),
        budget);
    return items;
  }

  private Object sum(Object value, Bound bound) {
    Object sum = bound.get(1, 0L);
    for (Iterator<?> items = Types.iterator(value); items.hasNext(); ) {
      budget.step();
      sum = Arithmetics.apply("+", sum, filters.path(items.next(), bound.get(0, null)), budget);
    }
    return sum;
  }

  private Object extreme(String name, Object value, Bound bound) {
    Iterator<?> items = Types.iterator(value);
    if (!items.hasNext()) return Undefined.because("No aggregated item, sequence was empty.");
    Object best = items.next();
    Object bestKey = filters.sortKey(best, bound.get(1, null), bound.flag(0, false));
    String operator = name.equals("min") ? "<" : ">";
    while (items.hasNext()) {
      budget.step();
      Object item = items.next();
      Object key = filters.sortKey(item, bound.get(1, null), bound.flag(0, false));
      if (Equality.holds(operator, key, bestKey, budget)) {
        best = item;
        bestKey = key;
      }
    }
    return best;
  }

  private Generator batch(Object value, Bound bound) {
    long size = Math.max(1, bound.integer(0));
    List<Object> batches = new ArrayList<>();
    List<Object> batch = new ArrayList<>();
    for (Object item : Types.items(value, budget)) {
      if (batch.size() == size) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(item);
    }
    if (!batch.isEmpty()) {
      Object fill = bound.get(1, null);
      if (fill != null) {
        budget.makesItems(size);
        while (batch.size() < size) batch.add(fill);
      }
      batches.add(batch);
    }
    return Generator.of(batches);
  }

  private Generator slice(Object value, Bound bound) {
    List<Object> items = copy(value);
    long slices = bound.integer(0);
    if (slices < 1) throw new TemplateException("slice needs at least one column");
    budget.makesItems(slices);
    Object fill = bound.get(1, null);
    int shortest = (int) (items.size() / slices);
    int longer = (int) (items.size() % slices);
    List<Object> columns = new ArrayList<>();
    for (int i = 0, from = 0; i < slices; i++) {
      int to = from + shortest + (i < longer ? 1 : 0);
      List<Object> column = new ArrayList<>(items.subList(from, to));
      if (fill != null && i >= longer) column.add(fill);
      columns.add(column);
      from = to;
    }
    return Generator.of(columns);
  }

  private List<Object> groupBy(Object value, Bound bound) {
    Object attribute = bound.get(0);
    boolean caseSensitive = bound.flag(2, false);
    Function<Object, Object> key =
        item -> {
          Object found = filters.path(item, attribute);
          Object known = found instanceof Undefined && bound.has(1) ? bound.get(1) : found;
          return caseSensitive ? known : Sorting.ignoringCase(known);
        };
    List<Object> items = copy(value);
    Sorting.sort(items, key, false, budget);
    List<Object> groups = new ArrayList<>();
    List<Object> group = null;
    Object groupKey = null;
    for (Object item : items) {
      Object itemKey = key.apply(item);
      if (group == null || !Equality.equal(itemKey, groupKey, budget)) {
        group = new ArrayList<>();
        groupKey = itemKey;
        Object shown = filters.path(item, attribute);
        groups.add(new Tuple(shown instanceof Undefined ? itemKey : shown, group));
      }
      group.add(item);
    }
    return groups;
  }
}
