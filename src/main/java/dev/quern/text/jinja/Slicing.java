package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Range;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code value[start:stop:step]}: text by code point, lists, tuples and ranges; a part left out is
 * null.
 */
final class Slicing {
  private Slicing() {}

  static Object of(Object value, Object start, Object stop, Object step, Budget budget) {
    switch (value) {
      case Undefined undefined -> throw undefined.error();
      case Markup(String text) -> {
        return of(text, start, stop, step, budget);
      }
      case String text -> {
        return sliceText(text, start, stop, step, budget);
      }
      case Range range -> {
        return range.slice(indices(range.size(), start, stop, step, budget));
      }
      case List<?> list -> {
        List<Object> items = new ArrayList<>();
        for (long i : indices(list.size(), start, stop, step, budget)) items.add(list.get((int) i));
        return list instanceof Tuple ? Tuple.of(items) : items;
      }
      case null, default ->
          throw new TemplateException("'" + Types.name(value) + "' object cannot be sliced");
    }
  }

  private static String sliceText(
      String text, Object start, Object stop, Object step, Budget budget) {
    budget.makesText(text.length());
    int[] characters = text.codePoints().toArray();
    StringBuilder sliced = new StringBuilder();
    for (long i : indices(characters.length, start, stop, step, budget))
      sliced.appendCodePoint(characters[(int) i]);
    return sliced.toString();
  }

  private static long[] indices(int size, Object start, Object stop, Object step, Budget budget) {
    long stride = step == null ? 1 : Types.integer(step, "a slice");
    if (stride == 0) throw new TemplateException("slice step cannot be zero");
    long low = stride > 0 ? 0 : -1;
    long high = stride > 0 ? size : size - 1;
    long from =
        start == null
            ? (stride > 0 ? low : high)
            : bound(Types.integer(start, "a slice"), size, low, high);
    long to =
        stop == null
            ? (stride > 0 ? high : low)
            : bound(Types.integer(stop, "a slice"), size, low, high);
    long distance = stride > 0 ? to - from : from - to;
    long width = stride == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(stride);
    int count = distance <= 0 ? 0 : (int) ((distance - 1) / width + 1);
    budget.makesItems(count);
    long[] indices = new long[count];
    for (int i = 0; i < count; i++) indices[i] = from + i * stride;
    return indices;
  }

  private static long bound(long index, int size, long low, long high) {
    long fromStart = index < 0 ? index + size : index;
    return Math.max(low, Math.min(high, fromStart));
  }
}
