package dev.quern.text.jinja;

import java.util.List;

/** The expressions of a template. */
sealed interface Expression {
  record Literal(Object value) implements Expression {}

  record Name(String name) implements Expression {}

  record TupleOf(List<Expression> items) implements Expression {}

  record ListOf(List<Expression> items) implements Expression {}

  record DictOf(List<Expression> keys, List<Expression> values) implements Expression {}

  record Attribute(Expression target, String name) implements Expression {}

  record Item(Expression target, Expression key) implements Expression {}

  /** Only as the key of an {@link Item}; each part may be null. */
  record Slice(Expression start, Expression stop, Expression step) implements Expression {}

  record Call(Expression callee, CallArguments arguments) implements Expression {}

  /** {@code input} is null where a block is filtered. */
  record Filter(Expression input, String name, CallArguments arguments) implements Expression {}

  record Test(Expression input, String name, CallArguments arguments) implements Expression {}

  record Not(Expression operand) implements Expression {}

  /** {@code operator} is {@code +} or {@code -}. */
  record Sign(String operator, Expression operand) implements Expression {}

  record Arithmetic(String operator, Expression left, Expression right) implements Expression {}

  record Concat(List<Expression> parts) implements Expression {}

  /** {@code first operators[0] operands[0] operators[1] operands[1] …}, chained as in Python. */
  record Compare(Expression first, List<String> operators, List<Expression> operands)
      implements Expression {}

  record And(Expression left, Expression right) implements Expression {}

  record Or(Expression left, Expression right) implements Expression {}

  /** {@code otherwise} may be null: the value is undefined then. */
  record Conditional(Expression test, Expression then, Expression otherwise)
      implements Expression {}

  /** {@code star} and {@code doubleStar} may be null. */
  record CallArguments(
      List<Expression> positional, List<Keyword> keywords, Expression star, Expression doubleStar) {
    static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
  }

  record Keyword(String name, Expression value) {}
}
