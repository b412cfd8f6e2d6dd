package dev.quern.text.jinja;

/** What a template can call: a global function, a macro, a method bound to its value. */
@FunctionalInterface
interface Callable {
  Object call(Arguments arguments);
}
