package dev.quern.text.jinja;

import dev.quern.text.jinja.Expression.CallArguments;
import dev.quern.text.jinja.Expression.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses what operators stand between: literals and names, and the members, subscripts, calls,
 * filters and tests after them.
 */
final class PrimaryParser {
  private static final Set<String> NO_TEST_ARGUMENT = Set.of("else", "or", "and");

  private final TokenStream tokens;
  private final ExpressionParser expressions;

  PrimaryParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  Expression primary() {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> name(token.text());
      case STRING -> {
        StringBuilder text = new StringBuilder((String) token.value());
        while (tokens.is(Token.Kind.STRING)) text.append(tokens.next().value());
        yield new Expression.Literal(text.toString());
      }
      case INTEGER, FLOAT -> new Expression.Literal(token.value());
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> {
              Expression inside = expressions.inParentheses();
              tokens.expectOperator(")");
              yield inside;
            }
            case "[" -> list();
            case "{" -> dict();
            default ->
                throw TemplateException.atLine(token.line(), "unexpected '" + token.text() + "'");
          };
      default -> throw TemplateException.atLine(token.line(), "unexpected " + token.describe());
    };
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> new Expression.Literal(true);
      case "false", "False" -> new Expression.Literal(false);
      case "none", "None" -> new Expression.Literal(null);
      default -> new Expression.Name(name);
    };
  }

  private Expression list() {
    List<Expression> items = new ArrayList<>();
    while (!tokens.skipOperator("]")) {
      if (!items.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("]")) break;
      }
      items.add(expressions.expression());
    }
    return new Expression.ListOf(items);
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.skipOperator("}")) {
      if (!keys.isEmpty()) {
        tokens.expectOperator(",");
        if (tokens.skipOperator("}")) break;
      }
      keys.add(expressions.expression());
      tokens.expectOperator(":");
      values.add(expressions.expression());
    }
    return new Expression.DictOf(keys, values);
  }

  Expression postfix(Expression target) {
    Expression expression = target;
    for (int chain = 0; ; tokens.checkChain(chain++)) {
      if (tokens.skipOperator(".")) expression = member(expression);
      else if (tokens.skipOperator("[")) expression = subscript(expression);
      else if (tokens.isOperator("(")) expression = new Expression.Call(expression, arguments());
      else return expression;
    }
  }

  private Expression member(Expression target) {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> new Expression.Attribute(target, token.text());
      case INTEGER -> new Expression.Item(target, new Expression.Literal(token.value()));
      default ->
          throw TemplateException.atLine(token.line(), "expected a name or number after '.'");
    };
  }

  private Expression subscript(Expression target) {
    List<Expression> keys = new ArrayList<>();
    while (!tokens.skipOperator("]")) {
      if (!keys.isEmpty()) tokens.expectOperator(",");
      keys.add(key());
    }
    return new Expression.Item(
        target, keys.size() == 1 ? keys.getFirst() : new Expression.TupleOf(keys));
  }

  private Expression key() {
    Expression start = tokens.isOperator(":") ? null : expressions.expression();
    if (!tokens.skipOperator(":")) return start;
    Expression stop = isSlicePartEnd() ? null : expressions.expression();
    Expression step =
        tokens.skipOperator(":") && !isSlicePartEnd() ? expressions.expression() : null;
    return new Expression.Slice(start, stop, step);
  }

  private boolean isSlicePartEnd() {
    return tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
  }

  Expression filtersAndTests(Expression input) {
    Expression expression = input;
    for (int chain = 0; ; tokens.checkChain(chain++)) {
      if (tokens.skipOperator("|")) expression = filter(expression);
      else if (tokens.skipName("is")) expression = test(expression);
      else if (tokens.isOperator("(")) expression = new Expression.Call(expression, arguments());
      else return expression;
    }
  }

  /** A filter's name and arguments, after the {@code |}. */
  Expression.Filter filter(Expression input) {
    String name = dottedName();
    return new Expression.Filter(
        input, name, tokens.isOperator("(") ? arguments() : CallArguments.NONE);
  }

  private Expression test(Expression input) {
    boolean negated = tokens.skipName("not");
    String name = dottedName();
    CallArguments arguments = CallArguments.NONE;
    if (tokens.isOperator("(")) {
      arguments = arguments();
    } else if (startsTestArgument()) {
      if (tokens.isName("is")) throw tokens.fail("tests cannot be chained");
      tokens.enter();
      arguments = new CallArguments(List.of(postfix(primary())), List.of(), null, null);
      tokens.leave();
    }
    Expression test = new Expression.Test(input, name, arguments);
    return negated ? new Expression.Not(test) : test;
  }

  private boolean startsTestArgument() {
    return switch (tokens.current().kind()) {
      case NAME -> !NO_TEST_ARGUMENT.contains(tokens.current().text());
      case STRING, INTEGER, FLOAT -> true;
      case OPERATOR -> tokens.isOperator("[") || tokens.isOperator("{");
      default -> false;
    };
  }

  private String dottedName() {
    StringBuilder name = new StringBuilder(tokens.expectName());
    while (tokens.skipOperator(".")) name.append('.').append(tokens.expectName());
    return name.toString();
  }

  private CallArguments arguments() {
    tokens.expectOperator("(");
    List<Expression> positional = new ArrayList<>();
    List<Keyword> keywords = new ArrayList<>();
    Expression star = null;
    Expression doubleStar = null;
    for (boolean first = true; !tokens.skipOperator(")"); first = false) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.skipOperator(")")) break;
      }
      if (doubleStar != null) throw tokens.fail("no argument may follow **");
      if (tokens.isOperator("*") && star == null) {
        tokens.next();
        star = expressions.expression();
      } else if (tokens.skipOperator("**")) {
        doubleStar = expressions.expression();
      } else if (tokens.is(Token.Kind.NAME) && tokens.look().isOperator("=")) {
        String name = tokens.expectName();
        tokens.expectOperator("=");
        keywords.add(new Keyword(name, expressions.expression()));
      } else if (star == null && keywords.isEmpty()) {
        positional.add(expressions.expression());
      } else {
        throw tokens.fail("a positional argument follows a keyword argument");
      }
    }
    return new CallArguments(positional, keywords, star, doubleStar);
  }
}
