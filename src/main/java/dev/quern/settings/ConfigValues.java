package dev.quern.settings;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * {@link QuernConfig} over checked texts. A proxy and not one of Quarkus's config mappings: outside
 * Quarkus those need a bytecode library that the packaged application does not have, and inside it
 * they would read every source again by rules of their own.
 */
final class ConfigValues {
  private final Map<Method, Object> values = new HashMap<>();

  private ConfigValues() {}

  /**
   * The whole configuration from canonical texts by flag name; flags that are absent have their
   * defaults.
   */
  static QuernConfig of(Map<String, String> texts) {
    var config = new ConfigValues();
    for (Method group : QuernConfig.class.getDeclaredMethods()) {
      config.values.put(group, group(group.getReturnType(), texts));
    }
    return config.proxy(QuernConfig.class);
  }

  private static Object group(Class<?> type, Map<String, String> texts) {
    var group = new ConfigValues();
    for (Method setting : type.getDeclaredMethods()) {
      if (setting.isAnnotationPresent(Flag.class)) {
        FlagSpec flag = Flags.of(setting);
        String text = texts.getOrDefault(flag.name(), flag.defaultValue());
        group.values.put(setting, typed(setting.getReturnType(), flag, text));
      }
    }
    return group.proxy(type);
  }

  private static Object typed(Class<?> type, FlagSpec flag, String text) {
    return switch (flag.kind()) {
      case TEXT, JSON -> type == Optional.class ? Optional.ofNullable(text) : text;
      case LIST -> Optional.ofNullable(text).map(ConfigValues::list);
      case SWITCH -> Boolean.valueOf(text);
      case DECIMAL -> Double.valueOf(text);
      case INT -> type == int.class ? Integer.valueOf(text) : optionalInt(text);
      case LONG -> type == long.class ? Long.valueOf(text) : optionalLong(text);
    };
  }

  private static OptionalInt optionalInt(String text) {
    return text == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
  }

  private static OptionalLong optionalLong(String text) {
    return text == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
  }

  /** Items between commas; a backslash takes the next character as it is. */
  private static List<String> list(String text) {
    var items = new ArrayList<String>();
    var item = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        item.append(text.charAt(++i));
      } else if (c == ',') {
        items.add(item.toString());
        item.setLength(0);
      } else {
        item.append(c);
      }
    }
    items.add(item.toString());
    items.removeIf(String::isEmpty);
    return List.copyOf(items);
  }

  private <T> T proxy(Class<T> type) {
    InvocationHandler handler =
        (proxy, method, args) -> {
          if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, args);
          }
          return switch (method.getName()) {
            case "equals" -> proxy == args[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> type.getSimpleName();
            default -> values.get(method);
          };
        };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
