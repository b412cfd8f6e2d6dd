package dev.quern.text.jinja;

/** String literals of templates, with Python's escapes. */
final class StringLiteral {
  private StringLiteral() {}

  /** The place of the closing quote of the literal that starts at {@code start}. */
  static int end(String source, int start, int line) {
    char quote = source.charAt(start);
    for (int i = start + 1; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == quote) return i;
      if (c == '\\') i++;
    }
    throw TemplateException.atLine(line, "a string has no end");
  }

  static String value(String body, int line) {
    if (body.indexOf('\\') < 0) return body;
    StringBuilder text = new StringBuilder(body.length());
    int at = 0;
    while (at < body.length()) {
      char c = body.charAt(at++);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escape = body.charAt(at++);
      switch (escape) {
        case '\n' -> {}
        case '\\', '\'', '"' -> text.append(escape);
        case 'a' -> text.append('\u0007');
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 't' -> text.append('\t');
        case 'v' -> text.append('\u000B');
        case 'x' -> at = hex(body, at, 2, text, line);
        case 'u' -> at = hex(body, at, 4, text, line);
        case 'U' -> at = hex(body, at, 8, text, line);
        case 'N' -> at = named(body, at, text, line);
        default -> {
          if (escape >= '0' && escape <= '7') at = octal(body, at - 1, text);
          else text.append('\\').append(escape);
        }
      }
    }
    return text.toString();
  }

  private static int hex(String body, int at, int digits, StringBuilder text, int line) {
    int code = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = i < body.length() ? Character.digit(body.charAt(i), 16) : -1;
      if (digit < 0 || code > Character.MAX_CODE_POINT)
        throw TemplateException.atLine(line, "a string has a broken \\x, \\u or \\U escape");
      code = code * 16 + digit;
    }
    if (!Character.isValidCodePoint(code))
      throw TemplateException.atLine(line, "a string has an escape beyond Unicode");
    text.appendCodePoint(code);
    return at + digits;
  }

  private static int octal(String body, int at, StringBuilder text) {
    int code = 0;
    int end = at;
    while (end < body.length() && end < at + 3 && Character.digit(body.charAt(end), 8) >= 0)
      code = code * 8 + Character.digit(body.charAt(end++), 8);
    text.appendCodePoint(code);
    return end;
  }

  private static int named(String body, int at, StringBuilder text, int line) {
    int end = body.indexOf('}', at);
    if (at >= body.length() || body.charAt(at) != '{' || end < 0)
      throw TemplateException.atLine(line, "a string has a broken \\N escape");
    try {
      text.appendCodePoint(Character.codePointOf(body.substring(at + 1, end)));
    } catch (IllegalArgumentException e) {
      throw TemplateException.atLine(line, "no character is named " + body.substring(at + 1, end));
    }
    return end + 1;
  }
}
