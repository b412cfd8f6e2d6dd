package dev.quern.text.jinja;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The evaluated arguments of a call. */
record Arguments(List<Object> positional, Map<String, Object> keywords) {
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /** Arguments laid out by parameter name, as Python binds them. */
  static final class Bound {
    private static final Object MISSING = new Object();

    private final String function;
    private final String[] names;
    private final Object[] values;

    private Bound(String function, String[] names) {
      this.function = function;
      this.names = names;
      this.values = new Object[names.length];
      Arrays.fill(values, MISSING);
    }

    boolean has(int index) {
      return values[index] != MISSING;
    }

    Object get(int index, Object otherwise) {
      return has(index) ? values[index] : otherwise;
    }

    Object get(int index) {
      if (has(index)) return values[index];
      throw new TemplateException(function + "() misses its argument '" + names[index] + "'");
    }

    String text(int index) {
      return text(get(index), index);
    }

    /** A string, or {@code otherwise} where it is missing or none. */
    String text(int index, String otherwise) {
      Object value = get(index, null);
      return value == null ? otherwise : text(value, index);
    }

    private String text(Object value, int index) {
      return switch (value) {
        case String text -> text;
        case Values.Markup markup -> markup.text();
        case null, default ->
            throw new TemplateException(
                function
                    + "() needs a string for '"
                    + names[index]
                    + "', got "
                    + Types.name(value));
      };
    }

    long integer(int index) {
      return Types.integer(get(index), function + "()");
    }

    long integer(int index, long otherwise) {
      Object value = get(index, null);
      return value == null ? otherwise : Types.integer(value, function + "()");
    }

    boolean flag(int index, boolean otherwise) {
      return has(index) ? Types.truth(values[index]) : otherwise;
    }
  }

  Bound bind(String function, String... names) {
    Bound bound = new Bound(function, names);
    if (positional.size() > names.length) {
      throw new TemplateException(
          function + "() takes at most " + names.length + " argument(s), got " + positional.size());
    }
    for (int i = 0; i < positional.size(); i++) bound.values[i] = positional.get(i);
    keywords.forEach(
        (name, value) -> {
          int index = Arrays.asList(names).indexOf(name);
          if (index < 0)
            throw new TemplateException(function + "() has no argument '" + name + "'");
          if (bound.has(index))
            throw new TemplateException(function + "() got '" + name + "' twice");
          bound.values[index] = value;
        });
    return bound;
  }

  /** The arguments after the first {@code count} positional ones. */
  Arguments dropping(int count) {
    return new Arguments(positional.subList(count, positional.size()), keywords);
  }
}
