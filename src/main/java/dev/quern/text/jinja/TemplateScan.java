package dev.quern.text.jinja;

import dev.quern.text.jinja.Expression.CallArguments;
import dev.quern.text.jinja.Statement.Signature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds which variables a template takes from outside: the names that are read where nothing in the
 * template has set them.
 */
final class TemplateScan {
  private final Set<String> free = new LinkedHashSet<>();
  private final List<Set<String>> declared = new ArrayList<>(List.of(new HashSet<>()));

  private TemplateScan() {}

  static Set<String> freeNames(List<Statement> body) {
    TemplateScan scan = new TemplateScan();
    scan.body(body);
    return scan.free;
  }

  /** Whether a body reads a name that it does not set. */
  static boolean names(List<Statement> body, String name) {
    return freeNames(body).contains(name);
  }

  private void body(List<Statement> body) {
    body.forEach(this::statement);
  }

  private void statement(Statement statement) {
    switch (statement) {
      case Statement.Text _, Statement.Break _, Statement.Continue _ -> {}
      case Statement.Print print -> read(print.value());
      case Statement.If choice -> choice(choice);
      case Statement.For loop -> loop(loop);
      case Statement.Set set -> {
        read(set.value());
        assign(set.target());
      }
      case Statement.SetBlock set -> {
        inScope(() -> body(set.body()));
        set.filters().forEach(this::read);
        assign(set.target());
      }
      case Statement.MacroDefinition macro -> {
        declare(macro.name());
        function(macro.signature(), macro.body());
      }
      case Statement.CallBlock call -> {
        read(call.call());
        function(call.signature(), call.body());
      }
      case Statement.FilterBlock filter -> {
        inScope(() -> body(filter.body()));
        filter.filters().forEach(this::read);
      }
      case Statement.With with -> {
        with.values().forEach(this::read);
        inScope(
            () -> {
              with.targets().forEach(this::assign);
              body(with.body());
            });
      }
      case Statement.Scoped scoped -> inScope(() -> body(scoped.body()));
    }
  }

  /** A name counts as set after the choice only where every way through it sets the name. */
  private void choice(Statement.If choice) {
    Set<String> setByAll = null;
    for (Statement.Branch branch : choice.branches()) {
      read(branch.test());
      setByAll = common(setByAll, inScope(() -> body(branch.body())));
    }
    setByAll = common(setByAll, inScope(() -> body(choice.otherwise())));
    declared.getLast().addAll(setByAll);
  }

  private static Set<String> common(Set<String> names, Set<String> more) {
    if (names == null) return more;
    names.retainAll(more);
    return names;
  }

  private void loop(Statement.For loop) {
    read(loop.iterable());
    inScope(
        () -> {
          declare("loop");
          assign(loop.target());
          read(loop.test());
          body(loop.body());
        });
    inScope(() -> body(loop.otherwise()));
  }

  private void function(Signature signature, List<Statement> body) {
    inScope(
        () -> {
          signature.defaults().forEach(this::read);
          signature.parameters().forEach(this::declare);
          if (signature.takesCaller()) declare("caller");
          if (signature.takesVarargs()) declare("varargs");
          if (signature.takesKwargs()) declare("kwargs");
          body(body);
        });
  }

  private void assign(Expression target) {
    switch (target) {
      case Expression.Name name -> declare(name.name());
      case Expression.TupleOf tuple -> tuple.items().forEach(this::assign);
      default -> read(target);
    }
  }

  private void declare(String name) {
    declared.getLast().add(name);
  }

  private Set<String> inScope(Runnable work) {
    declared.add(new HashSet<>());
    work.run();
    return declared.removeLast();
  }

  private void read(Expression expression) {
    if (expression instanceof Expression.Name name) {
      for (Set<String> scope : declared) if (scope.contains(name.name())) return;
      free.add(name.name());
    } else if (expression != null) {
      forEachPart(expression, this::read);
    }
  }

  /** Calls {@code each} with the direct parts of an expression, null for parts left out. */
  static void forEachPart(Expression expression, Consumer<Expression> each) {
    switch (expression) {
      case Expression.Literal _, Expression.Name _ -> {}
      case Expression.TupleOf tuple -> tuple.items().forEach(each);
      case Expression.ListOf list -> list.items().forEach(each);
      case Expression.DictOf dict -> {
        dict.keys().forEach(each);
        dict.values().forEach(each);
      }
      case Expression.Attribute attribute -> each.accept(attribute.target());
      case Expression.Item item -> {
        each.accept(item.target());
        each.accept(item.key());
      }
      case Expression.Slice slice -> {
        each.accept(slice.start());
        each.accept(slice.stop());
        each.accept(slice.step());
      }
      case Expression.Call call -> {
        each.accept(call.callee());
        arguments(call.arguments(), each);
      }
      case Expression.Filter filter -> {
        each.accept(filter.input());
        arguments(filter.arguments(), each);
      }
      case Expression.Test test -> {
        each.accept(test.input());
        arguments(test.arguments(), each);
      }
      case Expression.Not not -> each.accept(not.operand());
      case Expression.Sign sign -> each.accept(sign.operand());
      case Expression.Arithmetic arithmetic -> {
        each.accept(arithmetic.left());
        each.accept(arithmetic.right());
      }
      case Expression.Concat concat -> concat.parts().forEach(each);
      case Expression.Compare compare -> {
        each.accept(compare.first());
        compare.operands().forEach(each);
      }
      case Expression.And and -> {
        each.accept(and.left());
        each.accept(and.right());
      }
      case Expression.Or or -> {
        each.accept(or.left());
        each.accept(or.right());
      }
      case Expression.Conditional conditional -> {
        each.accept(conditional.test());
        each.accept(conditional.then());
        each.accept(conditional.otherwise());
      }
    }
  }

  private static void arguments(CallArguments arguments, Consumer<Expression> each) {
    arguments.positional().forEach(each);
    arguments.keywords().forEach(keyword -> each.accept(keyword.value()));
    each.accept(arguments.star());
    each.accept(arguments.doubleStar());
  }
}
