package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Namespace;
import dev.quern.text.jinja.Values.Range;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * {@code value.name}, {@code value[key]} and slices: what is not there is undefined, not an error.
 */
final class Lookup {
  private Lookup() {}

  /** The attribute first, the item of that name after it. */
  static Object attribute(Object value, String name, Budget budget) {
    if (name.startsWith("__"))
      return Undefined.because(
          "access to attribute '" + name + "' of '" + Types.name(value) + "' object is unsafe.");
    return switch (value) {
      case Undefined undefined -> throw undefined.error();
      case Map<?, ?> dict -> {
        Object method = CollectionMethods.ofDict(dict, name);
        yield method != null
            ? method
            : dict.containsKey(name) ? dict.get(name) : Undefined.member(value, name);
      }
      case String text -> orUndefined(StringMethods.of(text, name, budget), value, name);
      case Markup(String text) -> orUndefined(StringMethods.of(text, name, budget), value, name);
      case Namespace namespace ->
          namespace.attributes().containsKey(name)
              ? namespace.attributes().get(name)
              : Undefined.member(value, name);
      case LoopState loop -> loop.attribute(name, budget);
      case List<?> list -> orUndefined(CollectionMethods.ofList(list, name, budget), value, name);
      case null, default -> Undefined.member(value, name);
    };
  }

  private static Object orUndefined(Object method, Object value, String name) {
    return method != null ? method : Undefined.member(value, name);
  }

  /** The item first, the attribute of that name after it. */
  static Object item(Object value, Object key, Budget budget) {
    return switch (value) {
      case Undefined undefined -> throw undefined.error();
      case Map<?, ?> dict -> {
        if (isUnhashable(key)) yield Undefined.member(value, Repr.of(key, budget));
        Object found = key(key);
        if (dict.containsKey(found)) yield dict.get(found);
        yield key instanceof String name
            ? attribute(value, name, budget)
            : Undefined.member(value, key);
      }
      case List<?> list when key instanceof Long || key instanceof Boolean -> {
        long index = index(Types.integer(key, "an index"), list.size());
        yield index < 0 ? Undefined.member(value, key) : list.get((int) index);
      }
      case String text when key instanceof Long || key instanceof Boolean -> {
        long index = index(Types.integer(key, "an index"), Types.length(text));
        yield index < 0 ? Undefined.member(value, key) : Strings.character(text, (int) index);
      }
      case Markup(String text) when key instanceof Long -> item(text, key, budget);
      case null, default ->
          switch (key) {
            case String name -> attribute(value, name, budget);
            case Markup(String name) -> attribute(value, name, budget);
            case null, default -> Undefined.member(value, Repr.of(key, budget));
          };
    };
  }

  private static long index(long index, long size) {
    long fromStart = index < 0 ? index + size : index;
    return fromStart < size ? Math.max(-1, fromStart) : -1;
  }

  /**
   * A dict key in its one form: whole floats, bools and ints of the same value are the same key.
   */
  static Object key(Object key) {
    return switch (key) {
      case Double number when number == Math.rint(number) && Math.abs(number) < 1L << 53 ->
          (long) (double) number;
      case Boolean flag -> flag ? 1L : 0L;
      case Markup(String text) -> text;
      case null, default -> {
        if (isUnhashable(key))
          throw new TemplateException("unhashable type: '" + Types.name(key) + "'");
        yield key;
      }
    };
  }

  private static boolean isUnhashable(Object key) {
    if (key instanceof Tuple tuple) {
      // Deeper tuples would only serve to make hashing slow.
      for (Object item : tuple) if (item instanceof Collection || item instanceof Map) return true;
      return false;
    }
    return key instanceof Collection && !(key instanceof Range) || key instanceof Map;
  }
}
