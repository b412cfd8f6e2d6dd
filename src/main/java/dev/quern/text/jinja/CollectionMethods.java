package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.DictView;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The methods of {@code dict} and {@code list} that a template can call. Those that change the
 * value are refused.
 */
final class CollectionMethods {
  private CollectionMethods() {}

  /**
   * The method bound to {@code dict}, something undefined for a method that would change it, or
   * null where dicts have none such.
   */
  static Object ofDict(Map<?, ?> dict, String name) {
    return switch (name) {
      case "items", "keys", "values" ->
          (Callable)
              arguments -> {
                arguments.bind(name);
                return new DictView(name, dict);
              };
      case "get" ->
          (Callable)
              arguments -> {
                Bound bound = arguments.bind(name, "key", "default");
                Object key = Lookup.key(bound.get(0));
                return dict.containsKey(key) ? dict.get(key) : bound.get(1, null);
              };
      case "copy" ->
          (Callable)
              arguments -> {
                arguments.bind(name);
                return new LinkedHashMap<Object, Object>(dict);
              };
      case "clear", "pop", "popitem", "setdefault", "update", "fromkeys" -> unsafe("dict", name);
      default -> null;
    };
  }

  static Object ofList(List<?> list, String name, Budget budget) {
    return switch (name) {
      case "index" ->
          (Callable)
              arguments -> {
                Object wanted = arguments.bind(name, "value").get(0);
                for (int i = 0; i < list.size(); i++)
                  if (Equality.equal(list.get(i), wanted, budget)) return (long) i;
                throw new TemplateException("the value is not in the list");
              };
      case "count" ->
          (Callable)
              arguments -> {
                Object wanted = arguments.bind(name, "value").get(0);
                long count = 0;
                for (Object item : list) if (Equality.equal(item, wanted, budget)) count++;
                return count;
              };
      case "copy" ->
          list instanceof Tuple
              ? null
              : (Callable)
                  arguments -> {
                    arguments.bind(name);
                    budget.makesItems(list.size());
                    return new ArrayList<Object>(list);
                  };
      case "append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove" ->
          list instanceof Tuple ? null : unsafe("list", name);
      default -> null;
    };
  }

  private static Undefined unsafe(String type, String name) {
    return Undefined.because(
        "access to attribute '" + name + "' of '" + type + "' object is unsafe.");
  }
}
