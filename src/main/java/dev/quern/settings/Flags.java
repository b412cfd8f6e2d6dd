package dev.quern.settings;

import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

  private static Map<String, FlagSpec> read() {
    var flags = new LinkedHashMap<String, FlagSpec>();
    for (String group : GROUPS) {
      Method method = method(QuernConfig.class, group);
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
    WithName name = method.getAnnotation(WithName.class);
    WithDefault value = method.getAnnotation(WithDefault.class);
    return new FlagSpec(
        name == null ? kebab(method.getName()) : name.value(),
        group,
        flag.json() ? FlagSpec.Kind.JSON : kind(method.getGenericReturnType()),
        flag.value(),
        value == null ? null : value.value(),
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

  private static String kebab(String name) {
    var out = new StringBuilder();
    for (char c : name.toCharArray()) {
      if (Character.isUpperCase(c)) {
        out.append('-');
      }
      out.append(Character.toLowerCase(c));
    }
    return out.toString().toLowerCase(Locale.ROOT);
  }

  private static Method method(Class<?> owner, String name) {
    return Arrays.stream(owner.getDeclaredMethods())
        .filter(m -> m.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
