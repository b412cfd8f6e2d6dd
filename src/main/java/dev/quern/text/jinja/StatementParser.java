package dev.quern.text.jinja;

import dev.quern.text.jinja.Statement.Branch;
import dev.quern.text.jinja.Statement.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Parses a template's statements. Tags that reach for other templates ({@code include}, {@code
 * import}, {@code extends}) are refused: a chat template stands alone.
 */
final class StatementParser {
  private static final Set<String> OTHER_TEMPLATES = Set.of("include", "import", "from", "extends");

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  /** Loops around the current place within its macro: where break and continue may stand. */
  private int loops;

  private StatementParser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
  }

  static List<Statement> parse(String source) {
    StatementParser parser = new StatementParser(new TokenStream(Lexer.tokens(source)));
    List<Statement> body = parser.statements();
    if (!parser.tokens.is(Token.Kind.END))
      throw parser.tokens.fail("unexpected " + parser.tokens.current().describe());
    return body;
  }

  /**
   * Statements up to one of the end tags, whose name is then the current token, or to the
   * template's end.
   */
  private List<Statement> statements(String... ends) {
    tokens.enter();
    List<Statement> body = new ArrayList<>();
    while (true) {
      switch (tokens.current().kind()) {
        case DATA -> body.add(new Statement.Text(tokens.next().text()));
        case PRINT_BEGIN -> {
          tokens.next();
          body.add(new Statement.Print(expressions.tuple()));
          tokens.expect(Token.Kind.PRINT_END, "'}}'");
        }
        case BLOCK_BEGIN -> {
          tokens.next();
          for (String end : ends) {
            if (!tokens.isName(end)) continue;
            tokens.leave();
            return body;
          }
          body.add(statement(ends));
          blockEnd();
        }
        default -> {
          if (ends.length > 0)
            throw tokens.fail(
                "the template ends where one of " + Arrays.toString(ends) + " must come");
          tokens.leave();
          return body;
        }
      }
    }
  }

  private Statement statement(String[] ends) {
    Token tag = tokens.current();
    String name = tokens.expectName();
    return switch (name) {
      case "if" -> ifStatement();
      case "for" -> forStatement();
      case "set" -> setStatement();
      case "macro" -> macro();
      case "call" -> callBlock();
      case "filter" -> filterBlock();
      case "with" -> withBlock();
      case "print" -> new Statement.Print(expressions.tuple());
      case "generation" -> new Statement.Scoped(ownFrame("endgeneration"));
      case "block" -> block();
      case "break" -> loopControl(tag, new Statement.Break());
      case "continue" -> loopControl(tag, new Statement.Continue());
      default -> {
        if (OTHER_TEMPLATES.contains(name))
          throw TemplateException.atLine(
              tag.line(), "'" + name + "' needs another template, a chat template has none");
        String wanted = ends.length == 0 ? "" : ", expected one of " + Arrays.toString(ends);
        throw TemplateException.atLine(tag.line(), "unknown tag '" + name + "'" + wanted);
      }
    };
  }

  private Statement loopControl(Token tag, Statement statement) {
    if (loops == 0)
      throw TemplateException.atLine(tag.line(), "'" + tag.text() + "' outside a loop");
    return statement;
  }

  private Statement ifStatement() {
    List<Branch> branches = new ArrayList<>();
    List<Statement> otherwise = List.of();
    do {
      Expression test = expressions.tupleWithoutConditional(null);
      blockEnd();
      branches.add(new Branch(test, statements("elif", "else", "endif")));
    } while (tokens.skipName("elif"));
    if (tokens.skipName("else")) {
      blockEnd();
      otherwise = statements("endif");
    }
    tokens.expectName("endif");
    return new Statement.If(branches, otherwise);
  }

  private Statement forStatement() {
    Expression target = target(false);
    tokens.expectName("in");
    Expression iterable = expressions.tupleWithoutConditional("recursive");
    Expression test = tokens.skipName("if") ? expressions.expression() : null;
    boolean isRecursive = tokens.skipName("recursive");
    blockEnd();
    loops++;
    List<Statement> body = statements("endfor", "else");
    loops--;
    List<Statement> otherwise = List.of();
    if (tokens.skipName("else")) {
      blockEnd();
      otherwise = statements("endfor");
    }
    tokens.expectName("endfor");
    return new Statement.For(target, iterable, test, isRecursive, body, otherwise);
  }

  private Statement setStatement() {
    Expression target = target(true);
    if (tokens.skipOperator("=")) return new Statement.Set(target, expressions.tuple());
    List<Expression.Filter> filters = filters();
    blockEnd();
    List<Statement> body = statements("endset");
    tokens.expectName("endset");
    return new Statement.SetBlock(target, filters, body);
  }

  private Statement macro() {
    String name = tokens.expectName();
    checkAssignable(name);
    Parameters parameters = parameters();
    List<Statement> body = ownFrame("endmacro");
    return new Statement.MacroDefinition(name, parameters.signature(body), body);
  }

  private Statement callBlock() {
    Parameters parameters =
        tokens.isOperator("(") ? parameters() : new Parameters(List.of(), List.of());
    Expression expression = expressions.expression();
    if (!(expression instanceof Expression.Call call)) throw tokens.fail("'call' needs a call");
    List<Statement> body = ownFrame("endcall");
    return new Statement.CallBlock(call, parameters.signature(body), body);
  }

  private Statement filterBlock() {
    List<Expression.Filter> filters = new ArrayList<>();
    filters.add(expressions.filter(null));
    filters.addAll(filters());
    blockEnd();
    List<Statement> body = statements("endfilter");
    tokens.expectName("endfilter");
    return new Statement.FilterBlock(filters, body);
  }

  private Statement withBlock() {
    List<Expression> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.is(Token.Kind.BLOCK_END)) {
      if (!targets.isEmpty()) tokens.expectOperator(",");
      targets.add(target(false));
      tokens.expectOperator("=");
      values.add(expressions.expression());
    }
    blockEnd();
    List<Statement> body = statements("endwith");
    tokens.expectName("endwith");
    return new Statement.With(targets, values, body);
  }

  private Statement block() {
    String name = tokens.expectName();
    tokens.skipName("scoped");
    List<Statement> body = ownFrame("endblock");
    tokens.skipName(name);
    return new Statement.Scoped(body);
  }

  /**
   * The body of a tag that compiles to a function of its own: loops outside it cannot be left from
   * inside.
   */
  private List<Statement> ownFrame(String end) {
    blockEnd();
    int outer = loops;
    loops = 0;
    List<Statement> body = statements(end);
    loops = outer;
    tokens.expectName(end);
    return body;
  }

  private List<Expression.Filter> filters() {
    List<Expression.Filter> filters = new ArrayList<>();
    while (tokens.skipOperator("|")) filters.add(expressions.filter(null));
    return filters;
  }

  private record Parameters(List<String> names, List<Expression> defaults) {
    Signature signature(List<Statement> body) {
      return new Signature(
          names, defaults, TemplateScan.names(body, "varargs"), TemplateScan.names(body, "kwargs"));
    }
  }

  private Parameters parameters() {
    List<String> names = new ArrayList<>();
    List<Expression> defaults = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.skipOperator(")")) {
      if (!names.isEmpty()) tokens.expectOperator(",");
      String name = tokens.expectName();
      checkAssignable(name);
      names.add(name);
      if (tokens.skipOperator("=")) defaults.add(expressions.expression());
      else if (!defaults.isEmpty())
        throw tokens.fail("a parameter without default follows one with default");
    }
    return new Parameters(names, defaults);
  }

  private Expression target(boolean withNamespace) {
    tokens.enter();
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (!tokens.isName("in")
        && !tokens.isOperator("=")
        && !tokens.isOperator(")")
        && !tokens.is(Token.Kind.BLOCK_END)) {
      items.add(singleTarget(withNamespace));
      if (!tokens.skipOperator(",")) break;
      isTuple = true;
    }
    tokens.leave();
    if (items.isEmpty())
      throw tokens.fail("expected a name to assign to, got " + tokens.current().describe());
    return isTuple ? new Expression.TupleOf(items) : items.getFirst();
  }

  private Expression singleTarget(boolean withNamespace) {
    if (tokens.skipOperator("(")) {
      Expression target = target(withNamespace);
      tokens.expectOperator(")");
      return target;
    }
    String name = tokens.expectName();
    if (withNamespace && tokens.skipOperator("."))
      return new Expression.Attribute(new Expression.Name(name), tokens.expectName());
    checkAssignable(name);
    return new Expression.Name(name);
  }

  private void checkAssignable(String name) {
    switch (name) {
      case "true", "True", "false", "False", "none", "None" ->
          throw tokens.fail("cannot assign to '" + name + "'");
      default -> {}
    }
  }

  private void blockEnd() {
    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
  }
}
