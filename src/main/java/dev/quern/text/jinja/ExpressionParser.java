package dev.quern.text.jinja;

import dev.quern.text.jinja.Expression.CallArguments;
import dev.quern.text.jinja.Expression.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses expressions, loosest binding first: conditional, or, and, not, comparison, {@code + -},
 * {@code ~}, {@code * / // %}, {@code **}, sign, postfix, filter and test. Source: the grammar of
 * Jinja 3.1.
 */
final class ExpressionParser {
  /** Left-associative chains make deep trees without nesting the parser. */
  private static final int MAX_CHAIN = 400;

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
  private static final Set<String> SUMS = Set.of("+", "-");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");
  private static final Set<String> NO_TEST_ARGUMENT = Set.of("else", "or", "and");

  private final TokenStream tokens;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
  }

  Expression expression() {
    tokens.enter();
    Expression expression = or();
    for (int chain = 0; tokens.skipName("if"); chain++) {
      checkChain(chain);
      Expression test = or();
      Expression otherwise = tokens.skipName("else") ? expression() : null;
      expression = new Expression.Conditional(test, expression, otherwise);
    }
    tokens.leave();
    return expression;
  }

  /** One expression, or several with commas, which make a tuple. */
  Expression tuple() {
    return tuple(true, null, false);
  }

  /** As {@link #tuple()}, but an {@code if} after it belongs to the statement. */
  Expression tupleWithoutConditional(String endName) {
    return tuple(false, endName, false);
  }

  private Expression tuple(boolean conditional, String endName, boolean inParentheses) {
    List<Expression> items = new ArrayList<>();
    boolean isTuple = false;
    while (!isTupleEnd(endName)) {
      items.add(conditional ? expression() : or());
      if (!tokens.skipOperator(",")) break;
      isTuple = true;
    }
    if (isTuple || items.isEmpty() && inParentheses) return new Expression.TupleOf(items);
    if (items.isEmpty())
      throw tokens.fail("expected an expression, got " + tokens.current().describe());
    return items.getFirst();
  }

  private boolean isTupleEnd(String endName) {
    return switch (tokens.current().kind()) {
      case PRINT_END, BLOCK_END -> true;
      case OPERATOR -> tokens.isOperator(")");
      case NAME -> endName != null && tokens.isName(endName);
      default -> false;
    };
  }

  private Expression or() {
    Expression left = and();
    for (int chain = 0; tokens.skipName("or"); checkChain(chain++))
      left = new Expression.Or(left, and());
    return left;
  }

  private Expression and() {
    Expression left = not();
    for (int chain = 0; tokens.skipName("and"); checkChain(chain++))
      left = new Expression.And(left, not());
    return left;
  }

  private Expression not() {
    if (!tokens.skipName("not")) return comparison();
    tokens.enter();
    Expression operand = not();
    tokens.leave();
    return new Expression.Not(operand);
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
    for (String operator = comparisonOperator();
        operator != null;
        operator = comparisonOperator()) {
      operators.add(operator);
      operands.add(sum());
    }
    return operators.isEmpty() ? first : new Expression.Compare(first, operators, operands);
  }

  private String comparisonOperator() {
    if (tokens.is(Token.Kind.OPERATOR) && COMPARISONS.contains(tokens.current().text()))
      return tokens.next().text();
    if (tokens.skipName("in")) return "in";
    if (!tokens.isName("not") || !tokens.look().isName("in")) return null;
    tokens.next();
    tokens.next();
    return "not in";
  }

  private Expression sum() {
    Expression left = concat();
    for (int chain = 0; isOneOf(SUMS); checkChain(chain++))
      left = new Expression.Arithmetic(tokens.next().text(), left, concat());
    return left;
  }

  private Expression concat() {
    Expression first = product();
    if (!tokens.isOperator("~")) return first;
    List<Expression> parts = new ArrayList<>(List.of(first));
    while (tokens.skipOperator("~")) parts.add(product());
    return new Expression.Concat(parts);
  }

  private Expression product() {
    Expression left = power();
    for (int chain = 0; isOneOf(PRODUCTS); checkChain(chain++))
      left = new Expression.Arithmetic(tokens.next().text(), left, power());
    return left;
  }

  private Expression power() {
    Expression left = signed(true);
    for (int chain = 0; tokens.skipOperator("**"); checkChain(chain++))
      left = new Expression.Arithmetic("**", left, signed(true));
    return left;
  }

  private Expression signed(boolean withFilters) {
    Expression expression;
    if (isOneOf(SUMS)) {
      String sign = tokens.next().text();
      tokens.enter();
      expression = new Expression.Sign(sign, signed(false));
      tokens.leave();
    } else {
      expression = primary();
    }
    expression = postfix(expression);
    return withFilters ? filtersAndTests(expression) : expression;
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
              Expression inside = tuple(true, null, true);
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
      items.add(expression());
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
      keys.add(expression());
      tokens.expectOperator(":");
      values.add(expression());
    }
    return new Expression.DictOf(keys, values);
  }

  private Expression postfix(Expression target) {
    Expression expression = target;
    for (int chain = 0; ; checkChain(chain++)) {
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
    Expression start = tokens.isOperator(":") ? null : expression();
    if (!tokens.skipOperator(":")) return start;
    Expression stop = isSlicePartEnd() ? null : expression();
    Expression step = tokens.skipOperator(":") && !isSlicePartEnd() ? expression() : null;
    return new Expression.Slice(start, stop, step);
  }

  private boolean isSlicePartEnd() {
    return tokens.isOperator(":") || tokens.isOperator("]") || tokens.isOperator(",");
  }

  private Expression filtersAndTests(Expression input) {
    Expression expression = input;
    for (int chain = 0; ; checkChain(chain++)) {
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
        star = expression();
      } else if (tokens.skipOperator("**")) {
        doubleStar = expression();
      } else if (tokens.is(Token.Kind.NAME) && tokens.look().isOperator("=")) {
        String name = tokens.expectName();
        tokens.expectOperator("=");
        keywords.add(new Keyword(name, expression()));
      } else if (star == null && keywords.isEmpty()) {
        positional.add(expression());
      } else {
        throw tokens.fail("a positional argument follows a keyword argument");
      }
    }
    return new CallArguments(positional, keywords, star, doubleStar);
  }

  private boolean isOneOf(Set<String> operators) {
    return tokens.is(Token.Kind.OPERATOR) && operators.contains(tokens.current().text());
  }

  private void checkChain(int length) {
    if (length > MAX_CHAIN)
      throw tokens.fail("an expression chains more than " + MAX_CHAIN + " operators");
  }
}
