package dev.quern.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What answers are made of is registered, all the way down. */
class NativeReflectionTest {
  @Test
  void everyRecordWithinARegisteredOneIsRegistered() throws Exception {
    Set<String> registered =
        Set.of(NativeReflection.class.getAnnotation(RegisterForReflection.class).classNames());
    Deque<Class<?>> open = new ArrayDeque<>();
    for (String name : registered) open.add(Class.forName(name));
    Set<Class<?>> seen = new HashSet<>();
    while (!open.isEmpty()) {
      Class<?> type = open.pop();
      if (!seen.add(type)) continue;
      Class<?> outermost = type.getNestHost();
      assertTrue(
          registered.contains(type.getName()) || registered.contains(outermost.getName()),
          type.getName());
      for (RecordComponent component : type.getRecordComponents())
        addRecords(component.getGenericType(), open);
    }
    assertTrue(seen.size() > registered.size(), "nested records were seen");
  }

  private static void addRecords(Type type, Deque<Class<?>> open) {
    if (type instanceof Class<?> plain && plain.isRecord()) open.add(plain);
    if (type instanceof ParameterizedType generic)
      for (Type argument : generic.getActualTypeArguments()) addRecords(argument, open);
  }
}
