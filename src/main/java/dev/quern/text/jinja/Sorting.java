package dev.quern.text.jinja;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Python's {@code sorted}: stable, by a key, values that cannot be compared are an error. */
final class Sorting {
  private Sorting() {}

  static <T> void sort(
      List<T> items, Function<? super T, Object> key, boolean reverse, Budget budget) {
    budget.makesItems(items.size());
    Map<Object, Object> keys = new IdentityHashMap<>();
    for (T item : items) keys.computeIfAbsent(item, _ -> key.apply(item));
    try {
      items.sort(
          (a, b) -> {
            budget.step();
            int order = Equality.order("<", keys.get(a), keys.get(b), budget);
            return reverse ? -order : order;
          });
    } catch (IllegalArgumentException e) {
      throw new TemplateException("the values have no order (NaN among them)");
    }
  }

  /** Text without case, other values as they are. */
  static Object ignoringCase(Object value) {
    return switch (value) {
      case String text -> text.toLowerCase(java.util.Locale.ROOT);
      case Values.Markup(String text) -> text.toLowerCase(java.util.Locale.ROOT);
      case null, default -> value;
    };
  }
}
