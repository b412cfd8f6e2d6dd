package dev.quern.text.jinja;

import java.util.Arrays;

/**
 * Variables by name; what a scope lacks, the one around it may have. Loops, macros and blocks open
 * a scope, {@code if} does not. Most scopes hold two or three variables and live for one round of a
 * loop, so arrays serve better than a map.
 */
final class Scope {
  /** Told apart from a variable that is none. */
  static final Object MISSING = new Object();

  private final Scope outer;
  private String[] names = new String[4];
  private Object[] values = new Object[4];
  private int count;

  Scope(Scope outer) {
    this.outer = outer;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      int index = scope.index(name);
      if (index >= 0) return scope.values[index];
    }
    return MISSING;
  }

  void set(String name, Object value) {
    int index = index(name);
    if (index < 0) {
      index = count++;
      if (index == names.length) {
        names = Arrays.copyOf(names, index * 2);
        values = Arrays.copyOf(values, index * 2);
      }
      names[index] = name;
    }
    values[index] = value;
  }

  private int index(String name) {
    for (int i = 0; i < count; i++) if (names[i].equals(name)) return i;
    return -1;
  }
}
