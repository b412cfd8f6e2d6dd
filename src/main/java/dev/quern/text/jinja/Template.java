package dev.quern.text.jinja;

import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A Jinja template, parsed once and rendered any number of times, by any number of threads.
 *
 * <p>The language is that of Jinja 3.1 with Python's values, in the environment that transformers
 * renders chat templates in: immutable sandbox, {@code trim_blocks}, {@code lstrip_blocks}, loop
 * controls, the {@code generation} tag, {@code tojson} without HTML escaping, {@code
 * raise_exception}, {@code strftime_now}. Text that comes in by variables is only text: it is never
 * parsed.
 */
public final class Template {
  private final List<Statement> body;
  private final Set<String> freeNames;
  private final boolean loopsOverContent;

  private Template(List<Statement> body) {
    this.body = body;
    this.freeNames = Set.copyOf(TemplateScan.freeNames(body));
    this.loopsOverContent = ContentScan.loopsOverContent(body);
  }

  /**
   * @throws TemplateException where the source is no template; the message names the line
   */
  public static Template parse(String source) {
    try {
      return new Template(StatementParser.parse(source));
    } catch (StackOverflowError e) {
      throw new TemplateException("the template nests too deep");
    }
  }

  /** The variables that the template reads and does not set itself. */
  public Set<String> variables() {
    Set<String> variables = new HashSet<>(freeNames);
    variables.removeAll(Globals.NAMES);
    return variables;
  }

  /**
   * Whether a loop runs over the content of a message, so that content is wanted as a list of
   * parts.
   */
  public boolean loopsOverContent() {
    return loopsOverContent;
  }

  /**
   * @param variables maps, lists, strings, numbers, booleans and null
   * @param clock what {@code strftime_now} reads
   * @throws TemplateException where the template complains, meets a value it cannot use, or exceeds
   *     a limit
   */
  public String render(Map<String, ?> variables, Clock clock) {
    Budget budget = new Budget();
    Scope scope = new Scope(null);
    Globals.define(scope, clock, budget);
    try {
      variables.forEach(
          (name, value) -> {
            // What the template does not name need not be copied.
            if (freeNames.contains(name))
              scope.set(name, Types.fromJava(value, Budget.MAX_DEPTH / 2));
          });
      return Renderer.render(body, scope, budget);
    } catch (StackOverflowError e) {
      throw new TemplateException("rendering the template nests too deep");
    }
  }
}
