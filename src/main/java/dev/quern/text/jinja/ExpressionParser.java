package dev.quern.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Parses the operators of expressions, loosest binding first: conditional, or, and, not,
 * comparison, {@code + -}, {@code ~}, {@code * / // %}, {@code **}, sign, postfix, filter and test.
 * Source: the grammar of Jinja 3.1.
 */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
  private static final Set<String> SUMS = Set.of("+", "-");
  private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

  private final TokenStream tokens;
  private final PrimaryParser primaries;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.primaries = new PrimaryParser(tokens, this);
  }

  Expression expression() {
    tokens.enter();
    Expression expression = or();
    for (int chain = 0; tokens.skipName("if"); chain++) {
      tokens.checkChain(chain);
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

  /** What stands between parentheses, which may be nothing. */
  Expression inParentheses() {
    return tuple(true, null, true);
  }

  /**
   * A filter's name and arguments, after the {@code |}; {@code input} is null where a block is
   * filtered.
   */
  Expression.Filter filter(Expression input) {
    return primaries.filter(input);
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
    for (int chain = 0; tokens.skipName("or"); tokens.checkChain(chain++))
      left = new Expression.Or(left, and());
    return left;
  }

  private Expression and() {
    Expression left = not();
    for (int chain = 0; tokens.skipName("and"); tokens.checkChain(chain++))
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
    for (int chain = 0; isOneOf(SUMS); tokens.checkChain(chain++))
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
    for (int chain = 0; isOneOf(PRODUCTS); tokens.checkChain(chain++))
      left = new Expression.Arithmetic(tokens.next().text(), left, power());
    return left;
  }

  private Expression power() {
    Expression left = signed(true);
    for (int chain = 0; tokens.skipOperator("**"); tokens.checkChain(chain++))
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
      expression = primaries.primary();
    }
    expression = primaries.postfix(expression);
    return withFilters ? primaries.filtersAndTests(expression) : expression;
  }

  private boolean isOneOf(Set<String> operators) {
    return tokens.is(Token.Kind.OPERATOR) && operators.contains(tokens.current().text());
  }
}
