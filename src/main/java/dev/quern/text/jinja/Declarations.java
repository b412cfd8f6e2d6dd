package dev.quern.text.jinja;

import dev.quern.text.jinja.Statement.Signature;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses what statements declare: assignment targets and the parameters of macros and call blocks.
 */
final class Declarations {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  Declarations(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  record Parameters(List<String> names, List<Expression> defaults) {
    Signature signature(List<Statement> body) {
      return new Signature(
          names,
          defaults,
          TemplateScan.names(body, "varargs"),
          TemplateScan.names(body, "kwargs"),
          names.contains("caller") || TemplateScan.names(body, "caller"));
    }
  }

  Parameters parameters() {
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
    int caller = names.indexOf("caller");
    if (caller >= 0 && caller < names.size() - defaults.size())
      throw tokens.fail("the parameter 'caller' needs a default");
    return new Parameters(names, defaults);
  }

  Expression target(boolean withNamespace) {
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

  void checkAssignable(String name) {
    switch (name) {
      case "true", "True", "false", "False", "none", "None" ->
          throw tokens.fail("cannot assign to '" + name + "'");
      default -> {}
    }
  }
}
