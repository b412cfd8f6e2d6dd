package dev.quern.text.jinja;

import java.util.List;

/**
 * The parser's cursor over the tokens. It also bounds how deep the source may nest, so that neither
 * parsing nor walking the tree can run out of stack.
 */
final class TokenStream {
  private static final int MAX_NESTING = 100;

  /** Left-associative chains make deep trees without nesting the parser. */
  private static final int MAX_CHAIN = 400;

  private final List<Token> tokens;
  private int at;
  private int nesting;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token current() {
    return tokens.get(at);
  }

  Token look() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = current();
    if (token.kind() != Token.Kind.END) at++;
    return token;
  }

  boolean isName(String name) {
    return current().isName(name);
  }

  boolean isOperator(String operator) {
    return current().isOperator(operator);
  }

  boolean is(Token.Kind kind) {
    return current().kind() == kind;
  }

  boolean skipName(String name) {
    if (!isName(name)) return false;
    at++;
    return true;
  }

  boolean skipOperator(String operator) {
    if (!isOperator(operator)) return false;
    at++;
    return true;
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator))
      throw fail("expected '" + operator + "', got " + current().describe());
  }

  void expectName(String name) {
    if (!skipName(name)) throw fail("expected '" + name + "', got " + current().describe());
  }

  String expectName() {
    if (!is(Token.Kind.NAME)) throw fail("expected a name, got " + current().describe());
    return next().text();
  }

  void expect(Token.Kind kind, String description) {
    if (!is(kind)) throw fail("expected " + description + ", got " + current().describe());
    next();
  }

  void enter() {
    if (++nesting > MAX_NESTING) throw fail("nested deeper than " + MAX_NESTING + " levels");
  }

  void leave() {
    nesting--;
  }

  void checkChain(int length) {
    if (length > MAX_CHAIN)
      throw fail("an expression chains more than " + MAX_CHAIN + " operators");
  }

  TemplateException fail(String message) {
    return TemplateException.atLine(current().line(), message);
  }
}
