package dev.quern.text.jinja;

import dev.quern.text.jinja.Declarations.Parameters;
import dev.quern.text.jinja.Statement.Branch;
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
  private final Declarations declarations;

  /** Loops around the current place within its macro: where break and continue may stand. */
  private int loops;

  private StatementParser(TokenStream tokens) {
    this.tokens = tokens;
    this.expressions = new ExpressionParser(tokens);
    this.declarations = new Declarations(tokens, expressions);
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
      case "print" -> new Statement.Print(printed());
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

  /** Several values print one after the other, not as a tuple. */
  private Expression printed() {
    Expression value = expressions.tuple();
    return value instanceof Expression.TupleOf(List<Expression> parts)
        ? new Expression.Concat(parts)
        : value;
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
    Expression target = declarations.target(false);
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
    Expression target = declarations.target(true);
    if (tokens.skipOperator("=")) return new Statement.Set(target, expressions.tuple());
    List<Expression.Filter> filters = filters();
    blockEnd();
    List<Statement> body = statements("endset");
    tokens.expectName("endset");
    return new Statement.SetBlock(target, filters, body);
  }

  private Statement macro() {
    String name = tokens.expectName();
    declarations.checkAssignable(name);
    Parameters parameters = declarations.parameters();
    List<Statement> body = ownFrame("endmacro");
    return new Statement.MacroDefinition(name, parameters.signature(body), body);
  }

  private Statement callBlock() {
    Parameters parameters =
        tokens.isOperator("(") ? declarations.parameters() : new Parameters(List.of(), List.of());
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
      targets.add(declarations.target(false));
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

  private void blockEnd() {
    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
  }
}
