package dev.quern.text.jinja;

/**
 * The one way in which parsing or rendering fails: bad syntax, a value of the wrong kind, a limit,
 * or the template's own complaint.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TemplateException(String message) {
    // Rendering may fail once per request: no stack trace is worth its price there.
    super(message, null, false, false);
  }

  static TemplateException atLine(int line, String message) {
    return new TemplateException("line " + line + ": " + message);
  }
}
