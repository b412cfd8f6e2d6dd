package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.Generator;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
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
          "reverse");

  private final Budget budget;
  private final Filters filters;

  SequenceFilters(Budget budget, Filters filters) {
    this.budget = budget;
    this.filters = filters;
  }

  Object apply(String name, Object value, Arguments arguments) {
    return switch (name) {
      case "list" -> copy(value, budget);
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
      default ->
          switch (value) {
            case String text -> new StringBuilder(text).reverse().toString();
            case Markup(String text) -> new StringBuilder(text).reverse().toString();
            case Generator _ -> reversedCopy(value);
            case null, default -> new Generator("reversed", reversed(value).iterator());
          };
    };
  }

  static List<Object> copy(Object value, Budget budget) {
    List<?> items = Types.items(value, budget);
    budget.makesItems(items.size());
    return new ArrayList<>(items);
  }

  private List<Object> reversedCopy(Object value) {
    List<Object> items = copy(value, budget);
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
}
