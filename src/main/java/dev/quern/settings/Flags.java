package dev.quern.settings;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** All flags by name, read from {@link QuernConfig}, the one place that declares them. */
public final class Flags {
  private static final List<String> GROUPS = List.of("model", "chat", "engine", "device", "server");
  private static final Map<String, FlagSpec> BY_NAME = read();

  private Flags() {}

  /** Every flag: group by group, in a group by name. */
  public static List<FlagSpec> all() {
    return List.copyOf(BY_NAME.values());
  }

  /** The flag of that name, or null. */
  public static FlagSpec find(String name) {
    return BY_NAME.get(name);
  }

  /** The flag that a group's method declares. */
  static FlagSpec of(Method setting) {
    return BY_NAME.get(name(setting));
  }

  private static Map<String, FlagSpec> read() {
    var flags = new LinkedHashMap<String, FlagSpec>();
    for (String group : GROUPS) {
      Method method = method(group);
      String title = method.getAnnotation(Flag.class).value();
      var ofGroup = new ArrayList<FlagSpec>();
      for (Method setting : method.getReturnType().getDeclaredMethods()) {
        if (setting.isAnnotationPresent(Flag.class)) {
          ofGroup.add(spec(title, setting));
        }
      }
      ofGroup.sort(Comparator.comparing(FlagSpec::name));
      ofGroup.forEach(flag -> flags.put(flag.name(), flag));
    }
    return flags;
  }

  private static FlagSpec spec(String group, Method method) {
    Flag flag = method.getAnnotation(Flag.class);
    return new FlagSpec(
        name(method),
        group,
        flag.json() ? FlagSpec.Kind.JSON : kind(method.getGenericReturnType()),
        flag.value(),
        flag.defaultsTo().isEmpty() ? null : flag.defaultsTo(),
        List.of(flag.oneOf()),
        flag.min(),
        flag.max(),
        flag.autoWord(),
        flag.secret());
  }

  private static FlagSpec.Kind kind(Type type) {
    if (type == boolean.class) {
      return FlagSpec.Kind.SWITCH;
    }
    if (type == int.class || type == OptionalInt.class) {
      return FlagSpec.Kind.INT;
    }
    if (type == long.class || type == OptionalLong.class) {
      return FlagSpec.Kind.LONG;
    }
    if (type == double.class) {
      return FlagSpec.Kind.DECIMAL;
    }
    boolean list =
        type instanceof ParameterizedType optional
            && optional.getActualTypeArguments()[0] instanceof ParameterizedType;
    return list ? FlagSpec.Kind.LIST : FlagSpec.Kind.TEXT;
  }

  /** {@code max-model-len} for a method {@code maxModelLen}, unless it names another. */
  private static String name(Method method) {
    String name = method.getAnnotation(Flag.class).name();
    if (!name.isEmpty()) {
      return name;
    }
    var kebab = new StringBuilder();
    for (char c : method.getName().toCharArray()) {
      kebab.append(Character.isUpperCase(c) ? "-" + Character.toLowerCase(c) : String.valueOf(c));
    }
    return kebab.toString();
  }

  private static Method method(String group) {
    return Arrays.stream(QuernConfig.class.getDeclaredMethods())
        .filter(m -> m.getName().equals(group))
        .findFirst()
        .orElseThrow();
  }
}
