package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The variable {@code loop}. Items are taken one by one, at most one ahead of the body (for {@code
 * last} and {@code nextitem}), so that a loop's own {@code if} sees what earlier rounds have set.
 */
final class LoopState {
  private static final Object NONE = new Object();

  private final long depth0;
  private final Callable recursion;
  private Iterator<?> items;
  private long length;
  private long index0 = -1;
  private Object previous = NONE;
  private Object current = NONE;
  private Object next = NONE;
  private List<Object> lastChanged;

  /**
   * @param iterable what is looped over, whose length may be known
   * @param items its items, those left out by the loop's test not among them
   * @param recursion null for a plain loop
   */
  LoopState(
      Object iterable, Iterator<?> items, boolean lengthKnown, long depth0, Callable recursion) {
    this.items = items;
    this.depth0 = depth0;
    this.recursion = recursion;
    this.length =
        !lengthKnown
            ? -1
            : switch (iterable) {
              case Collection<?> collection -> collection.size();
              case Map<?, ?> dict -> dict.size();
              case null, default -> -1;
            };
  }

  /** Moves on; false at the end. */
  boolean advance() {
    if (!peek()) return false;
    previous = current;
    current = next;
    next = NONE;
    index0++;
    return true;
  }

  private boolean peek() {
    if (next == NONE && items.hasNext()) next = items.next();
    return next != NONE;
  }

  Object current() {
    return current;
  }

  Callable recursion() {
    return recursion;
  }

  long length() {
    if (length < 0) {
      List<Object> rest = new ArrayList<>();
      items.forEachRemaining(rest::add);
      items = rest.iterator();
      length = rest.size() + index0 + 1 + (next == NONE ? 0 : 1);
    }
    return length;
  }

  Object attribute(String name, Budget budget) {
    return switch (name) {
      case "index" -> index0 + 1;
      case "index0" -> index0;
      case "first" -> index0 == 0;
      case "last" -> !peek();
      case "length" -> length();
      case "revindex" -> length() - index0;
      case "revindex0" -> length() - index0 - 1;
      case "previtem" -> index0 == 0 ? Undefined.because("there is no previous item") : previous;
      case "nextitem" -> peek() ? next : Undefined.because("there is no next item");
      case "depth" -> depth0 + 1;
      case "depth0" -> depth0;
      case "cycle" -> (Callable) this::cycle;
      case "changed" -> (Callable) arguments -> changed(arguments.positional(), budget);
      default -> Undefined.member(this, name);
    };
  }

  private Object cycle(Arguments arguments) {
    List<Object> values = arguments.positional();
    if (values.isEmpty()) throw new TemplateException("no items for cycling given");
    return values.get((int) (index0 % values.size()));
  }

  private boolean changed(List<Object> values, Budget budget) {
    if (lastChanged != null && Equality.equal(lastChanged, values, budget)) return false;
    lastChanged = values;
    return true;
  }
}
