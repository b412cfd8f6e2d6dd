package dev.quern.text.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds out whether a template loops over the content of a message, so that it wants content as a
 * list of parts rather than as one string.
 *
 * <p>Followed are: {@code messages} and the variables set to it or to a slice or filtering of it;
 * the loops over those, whose targets are messages; and loops over {@code content} of those. The
 * same rule as vLLM's, so that both choose alike.
 */
final class ContentScan {
  private final List<Statement.Set> assignments = new ArrayList<>();
  private final List<Statement.For> loops = new ArrayList<>();

  private ContentScan() {}

  static boolean loopsOverContent(List<Statement> body) {
    ContentScan scan = new ContentScan();
    scan.collect(body);
    Set<String> messages = scan.messageNames(scan.listNames());
    for (Statement.For loop : scan.loops) {
      for (String message : messages) if (isContentOf(loop.iterable(), message)) return true;
    }
    return false;
  }

  private void collect(List<Statement> body) {
    for (Statement statement : body) {
      switch (statement) {
        case Statement.Set set -> assignments.add(set);
        case Statement.For loop -> {
          loops.add(loop);
          collect(loop.body());
          collect(loop.otherwise());
        }
        case Statement.If choice -> {
          choice.branches().forEach(branch -> collect(branch.body()));
          collect(choice.otherwise());
        }
        case Statement.SetBlock set -> collect(set.body());
        case Statement.MacroDefinition macro -> collect(macro.body());
        case Statement.CallBlock call -> collect(call.body());
        case Statement.FilterBlock filter -> collect(filter.body());
        case Statement.With with -> collect(with.body());
        case Statement.Scoped scoped -> collect(scoped.body());
        case Statement.Text _, Statement.Print _, Statement.Break _, Statement.Continue _ -> {}
      }
    }
  }

  /** {@code messages} and its aliases. */
  private Set<String> listNames() {
    Set<String> names = new HashSet<>(Set.of("messages"));
    boolean grown = true;
    while (grown) {
      grown = false;
      for (Statement.Set set : assignments) {
        if (!(set.target() instanceof Expression.Name target) || names.contains(target.name()))
          continue;
        for (String name : List.copyOf(names)) {
          if (isNameOrPart(set.value(), name)) grown |= names.add(target.name());
        }
      }
    }
    return names;
  }

  private Set<String> messageNames(Set<String> lists) {
    Set<String> names = new HashSet<>();
    for (Statement.For loop : loops) {
      for (String list : lists) {
        if (loop.target() instanceof Expression.Name target && isNameOrPart(loop.iterable(), list))
          names.add(target.name());
      }
    }
    return names;
  }

  private static boolean isNameOrPart(Expression expression, String name) {
    Expression bare = bare(expression);
    return bare instanceof Expression.Name found && found.name().equals(name);
  }

  private static boolean isContentOf(Expression expression, String message) {
    return switch (bare(expression)) {
      case Expression.Attribute attribute ->
          attribute.name().equals("content") && isName(attribute.target(), message);
      case Expression.Item item ->
          item.key() instanceof Expression.Literal(Object key)
              && "content".equals(key)
              && isName(item.target(), message);
      default -> false;
    };
  }

  private static boolean isName(Expression expression, String name) {
    return expression instanceof Expression.Name found && found.name().equals(name);
  }

  /** The expression without filters, tests and slices around it. */
  private static Expression bare(Expression expression) {
    Expression bare = expression;
    while (true) {
      switch (bare) {
        case Expression.Filter filter -> bare = filter.input();
        case Expression.Test test -> bare = test.input();
        case Expression.Item item when item.key() instanceof Expression.Slice ->
            bare = item.target();
        default -> {
          return bare;
        }
      }
    }
  }
}
