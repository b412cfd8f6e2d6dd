package dev.quern.text.jinja;

import java.util.AbstractCollection;
import java.util.AbstractList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/**
 * The kinds of value that Java has no type of its own for. The others: null is None, Boolean, Long
 * and Double are Python's bool, int and float, String is str, a plain List is list and a Map is
 * dict.
 */
final class Values {
  private Values() {}

  /**
   * A value that is not there: empty when printed or looped over, an error in most other uses.
   *
   * @param owner what the name was looked up in, or null for a variable
   * @param hint the whole message, or null
   */
  record Undefined(Object owner, Object name, String hint) {
    static Undefined variable(String name) {
      return new Undefined(null, name, null);
    }

    static Undefined because(String hint) {
      return new Undefined(null, null, hint);
    }

    static Undefined member(Object owner, Object name) {
      return new Undefined(owner == null ? "None" : Types.name(owner) + " object", name, null);
    }

    TemplateException error() {
      if (hint != null) return new TemplateException(hint);
      if (owner == null) return new TemplateException("'" + name + "' is undefined");
      String what =
          name instanceof String ? "' has no attribute '" + name + "'" : "' has no element " + name;
      return new TemplateException("'" + owner + what);
    }

    /** Two undefined values are equal whatever they miss. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  /**
   * Text marked safe; chat templates are rendered without escaping, so that it matters only where
   * it meets other text.
   */
  record Markup(String text) {}

  /** What {@code namespace()} makes: attributes that a template can set. */
  record Namespace(Map<String, Object> attributes) {
    Namespace() {
      this(new LinkedHashMap<>());
    }
  }

  /** Immutable, and unlike a list in type, equality and print. */
  static final class Tuple extends AbstractList<Object> implements RandomAccess {
    private final Object[] items;

    Tuple(Object... items) {
      this.items = items;
    }

    static Tuple of(Collection<?> items) {
      return new Tuple(items.toArray());
    }

    @Override
    public Object get(int index) {
      return items[index];
    }

    @Override
    public int size() {
      return items.length;
    }
  }

  /** {@code range(start, stop, step)}; its length is bounded when it is made. */
  static final class Range extends AbstractList<Object> implements RandomAccess {
    private final long start;
    private final long stop;
    private final long step;
    private final int size;

    Range(long start, long stop, long step) {
      if (step == 0) throw new TemplateException("range() arg 3 must not be zero");
      double exact = Math.ceil(((double) stop - start) / step);
      if (exact > Budget.MAX_RANGE)
        throw new TemplateException("a range of more than " + Budget.MAX_RANGE + " items");
      this.start = start;
      this.stop = stop;
      this.step = step;
      this.size = (int) Math.max(0, exact);
    }

    @Override
    public Object get(int index) {
      return start + index * step;
    }

    @Override
    public int size() {
      return size;
    }

    /** The range of the items at these places, which are evenly spaced. */
    Range slice(long[] indices) {
      if (indices.length == 0) return new Range(start, start, 1);
      long stride = indices.length == 1 ? 1 : indices[1] - indices[0];
      long first = start + indices[0] * step;
      return new Range(first, first + indices.length * stride * step, stride * step);
    }

    String describe() {
      return "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")";
    }
  }

  /**
   * A dict's {@code keys()}, {@code values()} or {@code items()}: has a length, has no elements by
   * number.
   */
  static final class DictView extends AbstractCollection<Object> {
    private final String kind;
    private final Map<?, ?> dict;

    DictView(String kind, Map<?, ?> dict) {
      this.kind = kind;
      this.dict = dict;
    }

    String kind() {
      return "dict_" + kind;
    }

    @Override
    public Iterator<Object> iterator() {
      Iterator<? extends Map.Entry<?, ?>> entries = dict.entrySet().iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return entries.hasNext();
        }

        @Override
        public Object next() {
          Map.Entry<?, ?> entry = entries.next();
          return switch (kind) {
            case "keys" -> entry.getKey();
            case "values" -> entry.getValue();
            default -> new Tuple(entry.getKey(), entry.getValue());
          };
        }
      };
    }

    @Override
    public int size() {
      return dict.size();
    }
  }

  /**
   * Values that can be taken once, in order: what filters like {@code map} and {@code select} give.
   * Always true, without length.
   */
  record Generator(String typeName, Iterator<Object> iterator) {
    static Generator of(List<Object> items) {
      return new Generator("generator", items.iterator());
    }
  }
}
