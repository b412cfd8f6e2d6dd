package dev.quern.text.jinja;

import java.util.HashMap;
import java.util.Map;

/**
 * Variables by name; what a scope lacks, the one around it may have. Loops, macros and blocks open
 * a scope, {@code if} does not.
 */
final class Scope {
  /** Told apart from a variable that is none. */
  static final Object MISSING = new Object();

  private final Scope outer;
  private Map<String, Object> variables;

  Scope(Scope outer) {
    this.outer = outer;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.variables == null) continue;
      Object value = scope.variables.get(name);
      if (value != null || scope.variables.containsKey(name)) return value;
    }
    return MISSING;
  }

  void set(String name, Object value) {
    if (variables == null) variables = new HashMap<>();
    variables.put(name, value);
  }
}
