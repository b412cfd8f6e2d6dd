package dev.quern.text.jinja;

import dev.quern.text.jinja.Expression.CallArguments;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives expressions their value. */
final class Evaluator {
  private final Budget budget;
  private final Filters filters;

  Evaluator(Budget budget) {
    this.budget = budget;
    this.filters = new Filters(budget);
  }

  Object value(Expression expression, Scope scope) {
    budget.step();
    budget.enter();
    Object value =
        switch (expression) {
          case Expression.Literal(Object literal) -> literal;
          case Expression.Name(String name) -> variable(name, scope);
          case Expression.Attribute(Expression target, String name) ->
              Lookup.attribute(value(target, scope), name, budget);
          case Expression.Item item -> item(item, scope);
          case Expression.Filter filter -> filter(filter, value(filter.input(), scope), scope);
          case Expression.Test test -> test(test, scope);
          case Expression.Call call -> call(call, arguments(call.arguments(), scope), scope);
          case Expression.And and -> {
            Object left = value(and.left(), scope);
            yield Types.truth(left) ? value(and.right(), scope) : left;
          }
          case Expression.Or or -> {
            Object left = value(or.left(), scope);
            yield Types.truth(left) ? left : value(or.right(), scope);
          }
          case Expression.Not(Expression operand) -> !Types.truth(value(operand, scope));
          case Expression.Compare compare -> compare(compare, scope);
          case Expression.Arithmetic(String operator, Expression left, Expression right) ->
              Arithmetics.apply(operator, value(left, scope), value(right, scope), budget);
          case Expression.Concat concat -> concat(concat, scope);
          case Expression.Sign sign -> {
            Object operand = value(sign.operand(), scope);
            yield sign.operator().equals("-")
                ? Arithmetics.negate(operand)
                : Arithmetics.positive(operand);
          }
          case Expression.Conditional conditional -> conditional(conditional, scope);
          case Expression.TupleOf tuple -> Tuple.of(values(tuple.items(), scope));
          case Expression.ListOf list -> values(list.items(), scope);
          case Expression.DictOf dict -> dict(dict, scope);
          case Expression.Slice _ ->
              throw new TemplateException("a slice stands only in brackets after a value");
        };
    budget.leave();
    return value;
  }

  private static Object variable(String name, Scope scope) {
    Object value = scope.get(name);
    return value == Scope.MISSING ? Undefined.variable(name) : value;
  }

  private Object item(Expression.Item item, Scope scope) {
    Object target = value(item.target(), scope);
    if (!(item.key()
        instanceof Expression.Slice(Expression start, Expression stop, Expression step))) {
      return Lookup.item(target, value(item.key(), scope), budget);
    }
    return Slicing.of(
        target, orNull(start, scope), orNull(stop, scope), orNull(step, scope), budget);
  }

  private Object orNull(Expression expression, Scope scope) {
    return expression == null ? null : value(expression, scope);
  }

  /** A filter of an expression or, with the block's text as input, of a block. */
  Object filter(Expression.Filter filter, Object input, Scope scope) {
    budget.looksAt(input);
    return filters.apply(filter.name(), input, arguments(filter.arguments(), scope));
  }

  private boolean test(Expression.Test test, Scope scope) {
    Object input = value(test.input(), scope);
    return Tests.holds(test.name(), input, arguments(test.arguments(), scope), budget);
  }

  Object call(Expression.Call call, Arguments arguments, Scope scope) {
    Object callee = value(call.callee(), scope);
    return switch (callee) {
      case Callable callable -> callable.call(arguments);
      case LoopState loop when loop.recursion() != null -> loop.recursion().call(arguments);
      case LoopState _ ->
          throw new TemplateException("the loop must be marked 'recursive' to be called");
      case Undefined undefined -> throw undefined.error();
      case null, default ->
          throw new TemplateException("'" + Types.name(callee) + "' object is not callable");
    };
  }

  Arguments arguments(CallArguments arguments, Scope scope) {
    if (arguments == CallArguments.NONE) return Arguments.NONE;
    List<Object> positional = values(arguments.positional(), scope);
    if (arguments.star() != null)
      positional.addAll(Types.items(value(arguments.star(), scope), budget));
    Map<String, Object> keywords = new LinkedHashMap<>();
    for (int i = 0; i < arguments.keywords().size(); i++) {
      Expression.Keyword keyword = arguments.keywords().get(i);
      if (keywords.containsKey(keyword.name()))
        throw new TemplateException("keyword argument repeated: " + keyword.name());
      keywords.put(keyword.name(), value(keyword.value(), scope));
    }
    if (arguments.doubleStar() != null) spread(value(arguments.doubleStar(), scope), keywords);
    return new Arguments(positional, keywords);
  }

  private static void spread(Object value, Map<String, Object> keywords) {
    if (!(value instanceof Map<?, ?> dict))
      throw new TemplateException("argument after ** must be a mapping, not " + Types.name(value));
    dict.forEach(
        (name, item) -> {
          if (!(name instanceof String text))
            throw new TemplateException("keywords must be strings");
          if (keywords.containsKey(text))
            throw new TemplateException("got multiple values for keyword argument '" + text + "'");
          keywords.put(text, item);
        });
  }

  private List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>(expressions.size());
    for (int i = 0; i < expressions.size(); i++) values.add(value(expressions.get(i), scope));
    return values;
  }

  private boolean compare(Expression.Compare compare, Scope scope) {
    Object left = value(compare.first(), scope);
    for (int i = 0; i < compare.operators().size(); i++) {
      Object right = value(compare.operands().get(i), scope);
      if (!Equality.holds(compare.operators().get(i), left, right, budget)) return false;
      left = right;
    }
    return true;
  }

  private String concat(Expression.Concat concat, Scope scope) {
    Output output = new Output(budget);
    for (int i = 0; i < concat.parts().size(); i++) {
      output.append(Repr.text(value(concat.parts().get(i), scope), budget));
    }
    return output.toString();
  }

  private Object conditional(Expression.Conditional conditional, Scope scope) {
    if (Types.truth(value(conditional.test(), scope))) return value(conditional.then(), scope);
    if (conditional.otherwise() != null) return value(conditional.otherwise(), scope);
    return Undefined.because(
        "the inline if-expression evaluated to false and no else section was defined.");
  }

  private Map<Object, Object> dict(Expression.DictOf dict, Scope scope) {
    Map<Object, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < dict.keys().size(); i++)
      values.put(Lookup.key(value(dict.keys().get(i), scope)), value(dict.values().get(i), scope));
    return values;
  }
}
