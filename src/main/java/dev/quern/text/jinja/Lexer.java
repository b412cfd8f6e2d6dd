package dev.quern.text.jinja;

import static dev.quern.text.jinja.Token.Kind.BLOCK_BEGIN;
import static dev.quern.text.jinja.Token.Kind.BLOCK_END;
import static dev.quern.text.jinja.Token.Kind.DATA;
import static dev.quern.text.jinja.Token.Kind.END;
import static dev.quern.text.jinja.Token.Kind.FLOAT;
import static dev.quern.text.jinja.Token.Kind.INTEGER;
import static dev.quern.text.jinja.Token.Kind.NAME;
import static dev.quern.text.jinja.Token.Kind.OPERATOR;
import static dev.quern.text.jinja.Token.Kind.PRINT_BEGIN;
import static dev.quern.text.jinja.Token.Kind.PRINT_END;
import static dev.quern.text.jinja.Token.Kind.STRING;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a template into tokens, with the whitespace rules that transformers renders chats by: {@code
 * trim_blocks} (the newline after a block or comment goes), {@code lstrip_blocks} (so do blanks
 * between the line's start and a block or comment), {@code -} strips all whitespace on its side,
 * {@code +} none; one newline at the very end goes.
 *
 * <p>Invariant: {@code lineStarting} says whether the source consumed last ended with a newline (or
 * nothing was consumed).
 */
final class Lexer {
  private static final Pattern RAW_BEGIN = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-?)%\\}");
  private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "(", ")", "[",
          "]", "{", "}", ",", ":", ".", "|", "=", ";");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean lineStarting = true;
  private int line = 1;
  private int lineCountedTo;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String template) {
    String source = template.replace("\r\n", "\n").replace('\r', '\n');
    if (source.endsWith("\n")) source = source.substring(0, source.length() - 1);
    Lexer lexer = new Lexer(source);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int tag = nextTag();
      if (tag < 0) {
        add(DATA, source.substring(at));
        at = source.length();
      } else {
        switch (source.charAt(tag + 1)) {
          case '#' -> comment(tag);
          case '%' -> block(tag);
          default -> print(tag);
        }
      }
    }
    add(END, "");
  }

  private int nextTag() {
    for (int i = source.indexOf('{', at);
        i >= 0 && i + 1 < source.length();
        i = source.indexOf('{', i + 1)) {
      char next = source.charAt(i + 1);
      if (next == '{' || next == '%' || next == '#') return i;
    }
    return -1;
  }

  private void comment(int tag) {
    data(tag, true);
    int start = afterSign(tag + 2);
    if (start == source.length()) {
      // Jinja takes a comment that is opened by the very last characters for nothing.
      at = start;
      return;
    }
    int end = source.indexOf("#}", start);
    if (end < 0) throw TemplateException.atLine(line(tag), "a comment has no end");
    char sign = end > start ? source.charAt(end - 1) : ' ';
    at = end + 2;
    afterTag(sign, true);
  }

  private void print(int tag) {
    data(tag, false);
    add(PRINT_BEGIN, "");
    at = afterSign(tag + 2);
    inside("}}", PRINT_END);
  }

  private void block(int tag) {
    Matcher raw = RAW_BEGIN.matcher(source).region(tag, source.length());
    data(tag, true);
    if (raw.lookingAt()) {
      raw(raw);
    } else {
      add(BLOCK_BEGIN, "");
      at = afterSign(tag + 2);
      inside("%}", BLOCK_END);
    }
  }

  private void raw(Matcher begin) {
    at = begin.end();
    afterTag(begin.group(1).isEmpty() ? '+' : '-', false);
    Matcher end = RAW_END.matcher(source);
    if (!end.find(at)) throw TemplateException.atLine(line(at), "a raw block has no end");
    data(end.start(), true);
    at = end.end();
    afterTag(end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0), true);
  }

  /** The text before a tag, stripped as the tag's sign and {@code lstrip_blocks} say. */
  private void data(int tag, boolean stripsLine) {
    String text = source.substring(at, tag);
    char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
    if (sign == '-') {
      text = Strings.strip(text, null, false, true);
    } else if (sign != '+' && stripsLine) {
      int start = text.lastIndexOf('\n') + 1;
      if ((start > 0 || lineStarting) && Strings.isBlank(text, start))
        text = text.substring(0, start);
    }
    add(DATA, text);
    at = tag;
  }

  private int afterSign(int position) {
    boolean signed =
        position < source.length()
            && (source.charAt(position) == '-' || source.charAt(position) == '+');
    return signed ? position + 1 : position;
  }

  private void afterTag(char sign, boolean trimsNewline) {
    if (sign == '-') {
      while (at < source.length() && Strings.isSpace(source.charAt(at))) at++;
    } else if (sign != '+' && trimsNewline && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
    lineStarting = at > 0 && source.charAt(at - 1) == '\n';
  }

  private void inside(String end, Token.Kind endKind) {
    Deque<Character> open = new ArrayDeque<>();
    boolean isBlock = endKind == BLOCK_END;
    while (true) {
      while (at < source.length() && Strings.isSpace(source.charAt(at))) at++;
      if (at >= source.length())
        throw TemplateException.atLine(
            line(at), "the template ends inside a tag, '" + end + "' is missing");
      if (open.isEmpty()) {
        char sign = source.charAt(at);
        boolean signed = sign == '-' || sign == '+' && isBlock;
        if (source.startsWith(end, signed ? at + 1 : at)) {
          add(endKind, "");
          at += signed ? 3 : 2;
          afterTag(signed ? sign : ' ', isBlock);
          return;
        }
      }
      token(open);
    }
  }

  private void token(Deque<Character> open) {
    char c = source.charAt(at);
    if (c >= '0' && c <= '9') {
      number();
    } else if (c == '"' || c == '\'') {
      int end = StringLiteral.end(source, at, line(at));
      tokens.add(
          new Token(
              STRING, "", StringLiteral.value(source.substring(at + 1, end), line(at)), line(at)));
      at = end + 1;
    } else if (c == '_' || Character.isUnicodeIdentifierStart(source.codePointAt(at))) {
      int start = at;
      while (at < source.length() && isNamePart(source.codePointAt(at)))
        at += Character.charCount(source.codePointAt(at));
      add(NAME, source.substring(start, at));
    } else {
      operator(open);
    }
  }

  private static boolean isNamePart(int c) {
    return c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
  }

  private void number() {
    int end = NumberLiteral.end(source, at, line(at));
    Object value = NumberLiteral.value(source.substring(at, end), line(at));
    tokens.add(
        new Token(
            value instanceof Double ? FLOAT : INTEGER, source.substring(at, end), value, line(at)));
    at = end;
  }

  private void operator(Deque<Character> open) {
    for (int i = 0; i < OPERATORS.size(); i++) {
      String operator = OPERATORS.get(i);
      if (!source.startsWith(operator, at)) continue;
      switch (operator) {
        case "(" -> open.push(')');
        case "[" -> open.push(']');
        case "{" -> open.push('}');
        case ")", "]", "}" -> {
          if (open.isEmpty() || open.pop() != operator.charAt(0))
            throw TemplateException.atLine(line(at), "unexpected '" + operator + "'");
        }
        default -> {}
      }
      add(OPERATOR, operator);
      at += operator.length();
      return;
    }
    throw TemplateException.atLine(
        line(at), "unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
  }

  private void add(Token.Kind kind, String text) {
    if (kind != DATA || !text.isEmpty()) tokens.add(new Token(kind, text, null, line(at)));
  }

  private int line(int position) {
    for (; lineCountedTo < position && lineCountedTo < source.length(); lineCountedTo++)
      if (source.charAt(lineCountedTo) == '\n') line++;
    return line;
  }
}
