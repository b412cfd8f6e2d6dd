package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.Namespace;
import dev.quern.text.jinja.Values.Range;
import java.time.Clock;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions that every chat template can call. */
final class Globals {
  static final Set<String> NAMES =
      Set.of("range", "dict", "namespace", "raise_exception", "strftime_now", "joiner", "cycler");

  private Globals() {}

  static void define(Scope scope, Clock clock, Budget budget) {
    scope.set(
        "range", (Callable) arguments -> range(arguments.bind("range", "start", "stop", "step")));
    scope.set("dict", (Callable) arguments -> dict(arguments, new LinkedHashMap<>(), budget));
    scope.set(
        "namespace",
        (Callable)
            arguments -> {
              Namespace namespace = new Namespace();
              dict(arguments, new LinkedHashMap<>(), budget)
                  .forEach(
                      (name, value) -> namespace.attributes().put(Repr.text(name, budget), value));
              return namespace;
            });
    scope.set(
        "raise_exception",
        (Callable)
            arguments -> {
              throw new TemplateException(
                  Repr.text(arguments.bind("raise_exception", "message").get(0), budget));
            });
    scope.set(
        "strftime_now",
        (Callable)
            arguments ->
                Strftime.format(
                    arguments.bind("strftime_now", "format").text(0),
                    LocalDateTime.now(clock),
                    budget));
    scope.set(
        "joiner", (Callable) arguments -> joiner(arguments.bind("joiner", "sep").get(0, ", ")));
    scope.set("cycler", (Callable) arguments -> cycler(arguments.positional()));
  }

  private static Range range(Bound bound) {
    boolean onlyStop = !bound.has(1);
    long start = onlyStop ? 0 : bound.integer(0);
    long stop = bound.integer(onlyStop ? 0 : 1);
    return new Range(start, stop, bound.integer(2, 1));
  }

  private static Map<Object, Object> dict(
      Arguments arguments, Map<Object, Object> values, Budget budget) {
    if (arguments.positional().size() > 1)
      throw new TemplateException(
          "dict expected at most 1 argument, got " + arguments.positional().size());
    for (Object source : arguments.positional()) {
      switch (source) {
        case Map<?, ?> map -> values.putAll(map);
        case Namespace namespace -> values.putAll(namespace.attributes());
        case null, default -> {
          for (Object item : Types.items(source, budget)) {
            List<?> pair = Types.items(item, budget);
            if (pair.size() != 2)
              throw new TemplateException("dictionary update sequence needs pairs");
            values.put(Lookup.key(pair.get(0)), pair.get(1));
          }
        }
      }
    }
    budget.makesItems(values.size());
    values.putAll(arguments.keywords());
    return values;
  }

  /** Gives nothing at its first call and the separator at every later one. */
  private static Callable joiner(Object separator) {
    boolean[] used = {false};
    return _ -> {
      Object value = used[0] ? separator : "";
      used[0] = true;
      return value;
    };
  }

  /** A namespace with {@code next()}, {@code reset()} and {@code current}. */
  private static Namespace cycler(List<Object> items) {
    if (items.isEmpty()) throw new TemplateException("at least one item has to be provided");
    Namespace cycler = new Namespace();
    int[] at = {0};
    cycler.attributes().put("current", items.getFirst());
    cycler
        .attributes()
        .put(
            "next",
            (Callable)
                _ -> {
                  Object value = items.get(at[0]);
                  at[0] = (at[0] + 1) % items.size();
                  cycler.attributes().put("current", items.get(at[0]));
                  return value;
                });
    cycler
        .attributes()
        .put(
            "reset",
            (Callable)
                _ -> {
                  at[0] = 0;
                  cycler.attributes().put("current", items.getFirst());
                  return null;
                });
    return cycler;
  }
}
