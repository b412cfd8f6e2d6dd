package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.DictView;
import dev.quern.text.jinja.Values.Generator;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Filters that compare the items of a sequence, add them up or put them into groups. */
final class OrderFilters {
  static final Set<String> NAMES =
      Set.of("unique", "sort", "dictsort", "sum", "min", "max", "batch", "slice", "groupby");

  private final Budget budget;
  private final Filters filters;

  OrderFilters(Budget budget, Filters filters) {
    this.budget = budget;
    this.filters = filters;
  }

  Object apply(String name, Object value, Arguments arguments) {
    return switch (name) {
      case "unique" -> unique(value, arguments.bind(name, "case_sensitive", "attribute"));
      case "sort" -> {
        Bound bound = arguments.bind(name, "reverse", "case_sensitive", "attribute");
        List<Object> items = SequenceFilters.copy(value, budget);
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

  private Generator unique(Object value, Bound bound) {
    Map<Object, Object> byKey = new LinkedHashMap<>();
    for (Object item : Types.items(value, budget)) {
      budget.step();
      byKey.putIfAbsent(
          Lookup.key(filters.key(item, bound.get(1, null), bound.flag(0, false))), item);
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
    List<Object> items = SequenceFilters.copy(new DictView("items", dict), budget);
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
    Object bestKey = filters.key(best, bound.get(1, null), bound.flag(0, false));
    String operator = name.equals("min") ? "<" : ">";
    while (items.hasNext()) {
      budget.step();
      Object item = items.next();
      Object key = filters.key(item, bound.get(1, null), bound.flag(0, false));
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
    List<Object> items = SequenceFilters.copy(value, budget);
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
    List<Object> items = SequenceFilters.copy(value, budget);
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
