package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The methods of {@code str} that a template can call. */
final class StringMethods {
  private StringMethods() {}

  /** The method bound to {@code text}, or null where strings have none of that name. */
  static Callable of(String text, String name, Budget budget) {
    return switch (name) {
      case "strip" -> arguments -> strip(text, arguments.bind(name, "chars"), true, true);
      case "lstrip" -> arguments -> strip(text, arguments.bind(name, "chars"), true, false);
      case "rstrip" -> arguments -> strip(text, arguments.bind(name, "chars"), false, true);
      case "startswith", "endswith" ->
          arguments -> affix(text, name, arguments.bind(name, "affix", "start", "end"));
      case "upper" -> none(name, () -> Strings.upper(text));
      case "lower", "casefold" -> none(name, () -> Strings.lower(text));
      case "title" -> none(name, () -> Strings.title(text));
      case "capitalize" -> none(name, () -> Strings.capitalize(text));
      case "swapcase" -> none(name, () -> Strings.swapCase(text));
      case "split", "rsplit" ->
          arguments -> split(text, name, arguments.bind(name, "sep", "maxsplit"), budget);
      case "splitlines" ->
          arguments ->
              Strings.splitLines(text, arguments.bind(name, "keepends").flag(0, false), budget);
      case "partition", "rpartition" ->
          arguments ->
              Strings.partition(text, arguments.bind(name, "sep").text(0), name.startsWith("r"));
      case "replace" ->
          arguments -> {
            Bound bound = arguments.bind(name, "old", "new", "count");
            return Strings.replace(
                text, bound.text(0), bound.text(1), bound.integer(2, -1), budget);
          };
      case "join" -> arguments -> join(text, arguments.bind(name, "iterable").get(0), budget);
      case "find", "rfind", "index", "rindex" ->
          arguments -> find(text, name, arguments.bind(name, "sub", "start", "end"));
      case "count" -> arguments -> count(text, arguments.bind(name, "sub", "start", "end"));
      case "removeprefix" ->
          arguments -> {
            String prefix = arguments.bind(name, "prefix").text(0);
            return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
          };
      case "removesuffix" ->
          arguments -> {
            String suffix = arguments.bind(name, "suffix").text(0);
            return text.endsWith(suffix)
                ? text.substring(0, text.length() - suffix.length())
                : text;
          };
      case "center", "ljust", "rjust" ->
          arguments -> pad(text, name, arguments.bind(name, "width", "fillchar"), budget);
      case "zfill" -> arguments -> zeroFill(text, arguments.bind(name, "width").integer(0), budget);
      case "format" -> arguments -> BraceFormat.format(text, arguments, budget);
      case "format_map" ->
          arguments -> formatMap(text, arguments.bind(name, "mapping").get(0), budget);
      case "isdecimal" -> none(name, () -> all(text, Character::isDigit));
      case "isdigit" -> none(name, () -> all(text, StringMethods::isDigit));
      case "isnumeric" -> none(name, () -> all(text, StringMethods::isNumeric));
      case "isalpha" -> none(name, () -> all(text, Character::isLetter));
      case "isalnum" -> none(name, () -> all(text, Character::isLetterOrDigit));
      case "isspace" -> none(name, () -> all(text, Strings::isSpace));
      case "isascii" -> none(name, () -> text.isEmpty() || all(text, c -> c < 128));
      case "isprintable" -> none(name, () -> text.isEmpty() || all(text, Repr::isPrintable));
      case "isupper" -> none(name, () -> isUpper(text));
      case "islower" -> none(name, () -> isLower(text));
      case "istitle" ->
          none(
              name,
              () ->
                  !text.isEmpty()
                      && Strings.title(text).equals(text)
                      && text.chars().anyMatch(Character::isLetter));
      case "isidentifier" -> none(name, () -> isIdentifier(text));
      default -> null;
    };
  }

  private interface NoArguments {
    Object call();
  }

  private static Callable none(String name, NoArguments method) {
    return arguments -> {
      arguments.bind(name);
      return method.call();
    };
  }

  private static String strip(String text, Bound bound, boolean left, boolean right) {
    return Strings.strip(text, bound.text(0, null), left, right);
  }

  private static boolean affix(String text, String name, Bound bound) {
    String part = part(text, bound);
    if (part == null) return false;
    Object affix = bound.get(0);
    if (affix instanceof Values.Tuple affixes) {
      for (Object one : affixes) if (hasAffix(part, name, one)) return true;
      return false;
    }
    return hasAffix(part, name, affix);
  }

  private static boolean hasAffix(String text, String name, Object affix) {
    String plain =
        switch (affix) {
          case String string -> string;
          case Values.Markup(String string) -> string;
          case null, default ->
              throw new TemplateException(
                  name + " first arg must be str or a tuple of str, not " + Types.name(affix));
        };
    return name.equals("startswith") ? text.startsWith(plain) : text.endsWith(plain);
  }

  /**
   * The text between the optional second and third argument, or null where they name no place in
   * it.
   */
  private static String part(String text, Bound bound) {
    if (!bound.has(1) && !bound.has(2)) return text;
    int size = (int) Types.length(text);
    long start = clamp(bound.integer(1, 0), size);
    long end = clamp(bound.integer(2, size), size);
    if (bound.integer(1, 0) > size || start > end) return null;
    return text.substring(
        text.offsetByCodePoints(0, (int) start), text.offsetByCodePoints(0, (int) end));
  }

  private static long clamp(long index, int size) {
    return Math.max(0, Math.min(size, index < 0 ? index + size : index));
  }

  private static List<Object> split(String text, String name, Bound bound, Budget budget) {
    String separator = bound.text(0, null);
    long limit = bound.integer(1, -1);
    return name.equals("split")
        ? Strings.split(text, separator, limit, budget)
        : Strings.splitFromRight(text, separator, limit, budget);
  }

  private static String join(String separator, Object iterable, Budget budget) {
    Output output = new Output(budget);
    boolean first = true;
    for (Iterator<?> items = Types.iterator(iterable); items.hasNext(); first = false) {
      budget.step();
      Object item = items.next();
      if (!(item instanceof String) && !(item instanceof Values.Markup)) {
        throw new TemplateException("join() needs strings, got " + Types.name(item));
      }
      if (!first) output.append(separator);
      output.append(Repr.text(item, budget));
    }
    return output.toString();
  }

  private static long find(String text, String name, Bound bound) {
    String part = part(text, bound);
    String wanted = bound.text(0);
    int at =
        part == null ? -1 : name.startsWith("r") ? part.lastIndexOf(wanted) : part.indexOf(wanted);
    if (at >= 0)
      return part.codePointCount(0, at) + clamp(bound.integer(1, 0), (int) Types.length(text));
    if (name.endsWith("index")) throw new TemplateException("substring not found");
    return -1;
  }

  private static long count(String text, Bound bound) {
    String part = part(text, bound);
    String wanted = bound.text(0);
    if (part == null) return 0;
    if (wanted.isEmpty()) return Types.length(part) + 1;
    long count = 0;
    for (int at = part.indexOf(wanted); at >= 0; at = part.indexOf(wanted, at + wanted.length()))
      count++;
    return count;
  }

  private static String pad(String text, String name, Bound bound, Budget budget) {
    String fill = bound.text(1, " ");
    if (fill.length() != 1)
      throw new TemplateException("The fill character must be exactly one character long");
    int side = name.equals("center") ? 0 : name.equals("ljust") ? -1 : 1;
    return Strings.pad(text, bound.integer(0), side, fill.charAt(0), budget);
  }

  private static String zeroFill(String text, long width, Budget budget) {
    boolean signed = text.startsWith("-") || text.startsWith("+");
    String digits = signed ? text.substring(1) : text;
    return (signed ? text.substring(0, 1) : "")
        + Strings.pad(digits, signed ? width - 1 : width, 1, '0', budget);
  }

  private static String formatMap(String text, Object mapping, Budget budget) {
    if (!(mapping instanceof Map<?, ?> dict))
      throw new TemplateException("format_map needs a mapping, got " + Types.name(mapping));
    Map<String, Object> named = new LinkedHashMap<>();
    dict.forEach((key, value) -> named.put(Repr.text(key, budget), value));
    return BraceFormat.format(text, new Arguments(List.of(), named), budget);
  }

  private static boolean isDigit(int c) {
    return Character.isDigit(c)
        || Character.getType(c) == Character.OTHER_NUMBER
            && Character.getNumericValue(c) >= 0
            && Character.getNumericValue(c) < 10;
  }

  private static boolean isNumeric(int c) {
    return Character.isDigit(c)
        || Character.getType(c) == Character.OTHER_NUMBER
        || Character.getType(c) == Character.LETTER_NUMBER;
  }

  private static boolean all(String text, IntPredicate predicate) {
    return !text.isEmpty() && text.codePoints().allMatch(predicate);
  }

  static boolean isUpper(String text) {
    return text.codePoints().anyMatch(Character::isUpperCase)
        && text.codePoints().noneMatch(Character::isLowerCase);
  }

  static boolean isLower(String text) {
    return text.codePoints().anyMatch(Character::isLowerCase)
        && text.codePoints().noneMatch(Character::isUpperCase);
  }

  private static boolean isIdentifier(String text) {
    if (text.isEmpty()) return false;
    int first = text.codePointAt(0);
    return (first == '_' || Character.isUnicodeIdentifierStart(first))
        && text.codePoints().allMatch(c -> c == '_' || Character.isUnicodeIdentifierPart(c));
  }
}
