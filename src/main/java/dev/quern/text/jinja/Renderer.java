package dev.quern.text.jinja;

import dev.quern.text.jinja.Statement.Signature;
import dev.quern.text.jinja.Values.Namespace;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/** Carries out statements, writing text to an output. One renderer serves one rendering. */
final class Renderer {
  /** How a body ended. */
  private enum Flow {
    NORMAL,
    BREAK,
    CONTINUE
  }

  private final Budget budget;
  private final Evaluator evaluator;

  private Renderer(Budget budget) {
    this.budget = budget;
    this.evaluator = new Evaluator(budget);
  }

  static String render(List<Statement> body, Scope variables, Budget budget) {
    Output output = new Output(budget);
    new Renderer(budget).body(body, new Scope(variables), output);
    return output.toString();
  }

  private Flow body(List<Statement> body, Scope scope, Output output) {
    budget.enter();
    Flow flow = Flow.NORMAL;
    for (int i = 0; i < body.size() && flow == Flow.NORMAL; i++)
      flow = statement(body.get(i), scope, output);
    budget.leave();
    return flow;
  }

  private Flow statement(Statement statement, Scope scope, Output output) {
    budget.step();
    switch (statement) {
      case Statement.Text(String text) -> output.append(text);
      case Statement.Print(Expression value) ->
          output.append(Repr.text(evaluator.value(value, scope), budget));
      case Statement.If choice -> {
        return choice(choice, scope, output);
      }
      case Statement.For loop -> {
        return loop(loop, evaluator.value(loop.iterable(), scope), scope, output, 0);
      }
      case Statement.Set set -> assign(set.target(), evaluator.value(set.value(), scope), scope);
      case Statement.SetBlock set -> {
        Output captured = new Output(budget);
        Flow flow = body(set.body(), new Scope(scope), captured);
        if (flow != Flow.NORMAL) return flow;
        assign(set.target(), filtered(captured, set.filters(), scope), scope);
      }
      case Statement.MacroDefinition macro ->
          scope.set(macro.name(), macro(macro.name(), macro.signature(), macro.body(), scope));
      case Statement.CallBlock block -> callBlock(block, scope, output);
      case Statement.FilterBlock filter -> {
        Output captured = new Output(budget);
        Flow flow = body(filter.body(), new Scope(scope), captured);
        if (flow != Flow.NORMAL) return flow;
        output.append(Repr.text(filtered(captured, filter.filters(), scope), budget));
      }
      case Statement.With with -> {
        return with(with, scope, output);
      }
      case Statement.Scoped(List<Statement> body) -> body(body, new Scope(scope), output);
      case Statement.Break _ -> {
        return Flow.BREAK;
      }
      case Statement.Continue _ -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.NORMAL;
  }

  private Flow choice(Statement.If choice, Scope scope, Output output) {
    List<Statement.Branch> branches = choice.branches();
    for (int i = 0; i < branches.size(); i++) {
      if (Types.truth(evaluator.value(branches.get(i).test(), scope)))
        return body(branches.get(i).body(), scope, output);
    }
    return body(choice.otherwise(), scope, output);
  }

  private Flow loop(Statement.For loop, Object iterable, Scope scope, Output output, long depth) {
    Callable recursion =
        loop.isRecursive() ? arguments -> again(loop, arguments, scope, depth + 1) : null;
    Iterator<?> items = Types.iterator(iterable);
    if (loop.test() != null) items = passing(loop, items, scope);
    LoopState state = new LoopState(iterable, items, loop.test() == null, depth, recursion);
    boolean empty = true;
    while (state.advance()) {
      empty = false;
      budget.steps(4);
      Scope round = new Scope(scope);
      assign(loop.target(), state.current(), round);
      round.set("loop", state);
      if (body(loop.body(), round, output) == Flow.BREAK) return Flow.NORMAL;
    }
    return empty ? body(loop.otherwise(), new Scope(scope), output) : Flow.NORMAL;
  }

  private Object again(Statement.For loop, Arguments arguments, Scope scope, long depth) {
    Output output = new Output(budget);
    loop(loop, arguments.bind("loop", "iterable").get(0), scope, output, depth);
    return output.toString();
  }

  /** The items that pass the loop's test, each tested only when its turn comes. */
  private Iterator<Object> passing(Statement.For loop, Iterator<?> items, Scope scope) {
    return new Iterator<>() {
      private boolean found;
      private Object next;

      @Override
      public boolean hasNext() {
        while (!found && items.hasNext()) {
          budget.step();
          next = items.next();
          Scope trial = new Scope(scope);
          assign(loop.target(), next, trial);
          found = Types.truth(evaluator.value(loop.test(), trial));
        }
        return found;
      }

      @Override
      public Object next() {
        if (!hasNext()) throw new NoSuchElementException();
        found = false;
        return next;
      }
    };
  }

  private Object filtered(Output captured, List<Expression.Filter> filters, Scope scope) {
    Object value = captured.toString();
    for (int i = 0; i < filters.size(); i++) value = evaluator.filter(filters.get(i), value, scope);
    return value;
  }

  private Flow with(Statement.With with, Scope scope, Output output) {
    Scope inner = new Scope(scope);
    for (int i = 0; i < with.targets().size(); i++) {
      assign(with.targets().get(i), evaluator.value(with.values().get(i), scope), inner);
    }
    return body(with.body(), inner, output);
  }

  private void callBlock(Statement.CallBlock block, Scope scope, Output output) {
    Arguments arguments = evaluator.arguments(block.call().arguments(), scope);
    Map<String, Object> keywords = new LinkedHashMap<>(arguments.keywords());
    keywords.put("caller", macro("caller", block.signature(), block.body(), scope));
    output.append(
        Repr.text(
            evaluator.call(block.call(), new Arguments(arguments.positional(), keywords), scope),
            budget));
  }

  private Callable macro(String name, Signature signature, List<Statement> body, Scope definedIn) {
    return arguments -> {
      budget.enter();
      Scope scope = new Scope(definedIn);
      bind(name, signature, arguments, scope);
      Output output = new Output(budget);
      body(body, scope, output);
      budget.leave();
      return output.toString();
    };
  }

  private void bind(String name, Signature signature, Arguments arguments, Scope scope) {
    List<String> parameters = signature.parameters();
    List<Object> positional = arguments.positional();
    if (positional.size() > parameters.size() && !signature.takesVarargs()) {
      throw new TemplateException(
          "macro '" + name + "' takes not more than " + parameters.size() + " argument(s)");
    }
    Map<String, Object> keywords = new LinkedHashMap<>(arguments.keywords());
    int required = parameters.size() - signature.defaults().size();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      Object value;
      if (i < positional.size()) value = positional.get(i);
      else if (keywords.containsKey(parameter)) value = keywords.remove(parameter);
      else if (i >= required)
        value = evaluator.value(signature.defaults().get(i - required), scope);
      else value = Undefined.because("parameter '" + parameter + "' was not provided");
      scope.set(parameter, value);
    }
    if (signature.takesCaller() && !parameters.contains("caller")) {
      scope.set(
          "caller",
          keywords.containsKey("caller")
              ? keywords.remove("caller")
              : Undefined.because("No caller defined"));
    }
    if (signature.takesVarargs()) {
      int named = Math.min(parameters.size(), positional.size());
      scope.set("varargs", Tuple.of(positional.subList(named, positional.size())));
    }
    if (signature.takesKwargs()) scope.set("kwargs", keywords);
    else if (!keywords.isEmpty()) {
      throw new TemplateException(
          "macro '"
              + name
              + "' takes no keyword argument '"
              + keywords.keySet().iterator().next()
              + "'");
    }
  }

  private void assign(Expression target, Object value, Scope scope) {
    switch (target) {
      case Expression.Name(String name) -> scope.set(name, value);
      case Expression.Attribute(Expression owner, String name) -> {
        if (!(evaluator.value(owner, scope) instanceof Namespace namespace)) {
          throw new TemplateException("cannot assign attribute on non-namespace object");
        }
        namespace.attributes().put(name, value);
      }
      case Expression.TupleOf(List<Expression> targets) -> {
        List<?> values = Types.items(value, budget);
        if (values.size() != targets.size()) {
          throw new TemplateException(
              "cannot unpack " + values.size() + " value(s) into " + targets.size() + " names");
        }
        for (int i = 0; i < targets.size(); i++) assign(targets.get(i), values.get(i), scope);
      }
      default -> throw new TemplateException("cannot assign to this expression");
    }
  }
}
