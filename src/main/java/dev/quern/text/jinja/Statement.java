package dev.quern.text.jinja;

import java.util.List;

/** The statements of a template. */
sealed interface Statement {
  record Text(String text) implements Statement {}

  record Print(Expression value) implements Statement {}

  record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

  record Branch(Expression test, List<Statement> body) {}

  /** {@code test} may be null. */
  record For(
      Expression target,
      Expression iterable,
      Expression test,
      boolean isRecursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  record Set(Expression target, Expression value) implements Statement {}

  record SetBlock(Expression target, List<Expression.Filter> filters, List<Statement> body)
      implements Statement {}

  record MacroDefinition(String name, Signature signature, List<Statement> body)
      implements Statement {}

  record CallBlock(Expression.Call call, Signature signature, List<Statement> body)
      implements Statement {}

  record FilterBlock(List<Expression.Filter> filters, List<Statement> body) implements Statement {}

  record With(List<Expression> targets, List<Expression> values, List<Statement> body)
      implements Statement {}

  /** A body with a scope of its own: {@code generation} and {@code block}. */
  record Scoped(List<Statement> body) implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}

  /**
   * Parameters of a macro or call block.
   *
   * @param defaults of the last parameters
   * @param takesVarargs whether the body names {@code varargs}, which lets a call pass more
   *     arguments than parameters
   * @param takesKwargs whether the body names {@code kwargs}
   * @param takesCaller whether the body names {@code caller}, so that a call block can call the
   *     macro
   */
  record Signature(
      List<String> parameters,
      List<Expression> defaults,
      boolean takesVarargs,
      boolean takesKwargs,
      boolean takesCaller) {}
}
