package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.DictView;
import dev.quern.text.jinja.Values.Generator;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Namespace;
import dev.quern.text.jinja.Values.Range;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Python's view of a value: its type, truth, length and items. */
final class Types {
  private Types() {}

  static String name(Object value) {
    return switch (value) {
      case null -> "NoneType";
      case String _ -> "str";
      case Boolean _ -> "bool";
      case Double _, Float _ -> "float";
      case Number _ -> "int";
      case Tuple _ -> "tuple";
      case Range _ -> "range";
      case List<?> _ -> "list";
      case DictView view -> view.kind();
      case Collection<?> _ -> "list";
      case Map<?, ?> _ -> "dict";
      case Undefined _ -> "Undefined";
      case Markup _ -> "Markup";
      case Namespace _ -> "Namespace";
      case Generator generator -> generator.typeName();
      case LoopState _ -> "LoopContext";
      case Callable _ -> "function";
      default -> value.getClass().getSimpleName();
    };
  }

  static boolean truth(Object value) {
    return switch (value) {
      case null -> false;
      case Boolean flag -> flag;
      case Undefined _ -> false;
      case String text -> !text.isEmpty();
      case Markup markup -> !markup.text().isEmpty();
      case Collection<?> items -> !items.isEmpty();
      case Map<?, ?> dict -> !dict.isEmpty();
      case Number number -> number.doubleValue() != 0;
      case LoopState loop -> loop.length() > 0;
      default -> true;
    };
  }

  static long length(Object value) {
    return switch (value) {
      case String text -> text.codePointCount(0, text.length());
      case Markup(String text) -> text.codePointCount(0, text.length());
      case Collection<?> items -> items.size();
      case Map<?, ?> dict -> dict.size();
      case Undefined _ -> 0;
      case LoopState loop -> loop.length();
      case null, default ->
          throw new TemplateException("object of type '" + name(value) + "' has no len()");
    };
  }

  static boolean isIterable(Object value) {
    return switch (value) {
      case String _,
          Markup _,
          Collection<?> _,
          Map<?, ?> _,
          Undefined _,
          Generator _,
          LoopState _ ->
          true;
      case null, default -> false;
    };
  }

  static Iterator<?> iterator(Object value) {
    return switch (value) {
      case Collection<?> items -> items.iterator();
      case Map<?, ?> dict -> dict.keySet().iterator();
      case String text -> characters(text).iterator();
      case Markup(String text) -> characters(text).iterator();
      case Generator generator -> generator.iterator();
      case Undefined _ -> Collections.emptyIterator();
      case null, default ->
          throw new TemplateException("'" + name(value) + "' object is not iterable");
    };
  }

  /** All items; the value's own list where it is one, so not to be changed. */
  static List<?> items(Object value, Budget budget) {
    if (value instanceof List<?> list) return list;
    List<Object> items = new ArrayList<>();
    for (Iterator<?> iterator = iterator(value); iterator.hasNext(); ) {
      budget.makesItems(8);
      items.add(iterator.next());
    }
    return items;
  }

  private static List<String> characters(String text) {
    List<String> characters = new ArrayList<>(text.length());
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      characters.add(Character.toString(text.codePointAt(i)));
    }
    return characters;
  }

  /** An int or bool as a long. */
  static long integer(Object value, String user) {
    return switch (value) {
      case Long number -> number;
      case Boolean flag -> flag ? 1 : 0;
      case Undefined undefined -> throw undefined.error();
      case null, default ->
          throw new TemplateException(user + " needs an integer, got " + name(value));
    };
  }

  /**
   * Values from outside in the types used here; maps and lists are copied.
   *
   * @param levels how many levels of nesting are still allowed
   */
  static Object fromJava(Object value, int levels) {
    if (levels == 0)
      throw new TemplateException(
          "a variable nests deeper than " + Budget.MAX_DEPTH / 2 + " levels");
    return switch (value) {
      case Integer _, Short _, Byte _ -> ((Number) value).longValue();
      case java.math.BigInteger number when number.bitLength() < Long.SIZE -> number.longValue();
      case Float number -> number.doubleValue();
      case java.math.BigDecimal number -> number.doubleValue();
      case CharSequence text -> text.toString();
      case Map<?, ?> map -> {
        Map<Object, Object> copy = java.util.LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((key, item) -> copy.put(fromJava(key, levels - 1), fromJava(item, levels - 1)));
        yield copy;
      }
      case Collection<?> items -> {
        List<Object> copy = new ArrayList<>(items.size());
        for (Object item : items) copy.add(fromJava(item, levels - 1));
        yield copy;
      }
      case null -> null;
      case Boolean _, Long _, Double _, java.math.BigInteger _ -> value;
      default ->
          throw new TemplateException(
              "a variable of type " + value.getClass().getName() + " has no meaning in a template");
    };
  }
}
