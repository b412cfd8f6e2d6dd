package dev.quern.text.jinja;

import dev.quern.text.jinja.Arguments.Bound;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Filters that make text; a value of another kind is taken as it prints. */
final class TextFilters {
  static final Set<String> NAMES =
      Set.of(
          "trim",
          "upper",
          "lower",
          "title",
          "capitalize",
          "replace",
          "indent",
          "format",
          "center",
          "truncate",
          "wordcount",
          "urlencode");

  private final Budget budget;

  TextFilters(Budget budget) {
    this.budget = budget;
  }

  Object apply(String name, Object value, Arguments arguments) {
    return switch (name) {
      case "trim" ->
          Strings.strip(text(value), arguments.bind(name, "chars").text(0, null), true, true);
      case "upper" -> Strings.upper(text(value));
      case "lower" -> Strings.lower(text(value));
      case "title" -> title(text(value));
      case "capitalize" -> Strings.capitalize(text(value));
      case "replace" -> {
        Bound bound = arguments.bind(name, "old", "new", "count");
        yield Strings.replace(
            text(value), text(bound.get(0)), text(bound.get(1)), bound.integer(2, -1), budget);
      }
      case "indent" -> indent(value, arguments.bind(name, "width", "first", "blank"));
      case "format" -> {
        boolean named = !arguments.keywords().isEmpty();
        if (named && !arguments.positional().isEmpty())
          throw new TemplateException("format takes positional or keyword arguments, not both");
        yield PercentFormat.format(
            text(value),
            named ? (Object) arguments.keywords() : Tuple.of(arguments.positional()),
            budget);
      }
      case "center" ->
          Strings.pad(text(value), arguments.bind(name, "width").integer(0, 80), 0, ' ', budget);
      case "truncate" ->
          truncate(text(value), arguments.bind(name, "length", "killwords", "end", "leeway"));
      case "wordcount" -> wordCount(text(value));
      default -> urlEncode(value);
    };
  }

  private String text(Object value) {
    return Repr.text(value, budget);
  }

  /** Words start after space, hyphen or an opening bracket. */
  private static String title(String text) {
    StringBuilder titled = new StringBuilder(text.length());
    boolean wordStarts = true;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      String character = Character.toString(c);
      titled.append(wordStarts ? Strings.upper(character) : Strings.lower(character));
      wordStarts = Strings.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }
    return titled.toString();
  }

  /** Marked text stays marked, which escapes an indentation given as text. */
  private Object indent(Object value, Bound bound) {
    boolean marked = value instanceof Markup;
    if (!marked && !(value instanceof String)) {
      // Python adds a newline to the value before it does anything else.
      if (value instanceof Values.Undefined undefined) throw undefined.error();
      throw new TemplateException("indent needs a string, got " + Types.name(value));
    }
    Object width = bound.get(0, 4L);
    String indentation;
    if (width instanceof String literal) {
      indentation = literal;
    } else {
      long spaces = Types.integer(width, "indent");
      budget.makesText(spaces);
      indentation = " ".repeat((int) Math.max(0, spaces));
    }
    boolean blank = bound.flag(2, false);
    List<Object> lines = Strings.splitLines(text(value) + "\n", false, budget);
    Output output = new Output(budget);
    if (bound.flag(1, false)) output.append(indentation);
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      if (i > 0) output.append('\n');
      if (i > 0 && (blank || !line.isEmpty())) output.append(indentation);
      // Jinja joins the lines of marked text by a filter that escapes plain ones, and they are
      // plain after an indentation is put before.
      output.append(line);
    }
    return marked ? new Markup(output.toString()) : output.toString();
  }

  private String truncate(String text, Bound bound) {
    long length = bound.integer(0, 255);
    String end = bound.text(2, "...");
    long leeway = bound.integer(3, 5);
    if (length < Types.length(end))
      throw new TemplateException("expected length >= " + Types.length(end) + ", got " + length);
    if (leeway < 0) throw new TemplateException("expected leeway >= 0, got " + leeway);
    if (Types.length(text) <= length + leeway) return text;
    String cut = text.substring(0, text.offsetByCodePoints(0, (int) (length - Types.length(end))));
    if (!bound.flag(1, false)) {
      int space = cut.lastIndexOf(' ');
      if (space >= 0) cut = cut.substring(0, space);
    }
    return cut + end;
  }

  private static long wordCount(String text) {
    long words = 0;
    boolean inWord = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      boolean isWord = Character.isLetterOrDigit(text.codePointAt(i)) || text.charAt(i) == '_';
      if (isWord && !inWord) words++;
      inWord = isWord;
    }
    return words;
  }

  private String urlEncode(Object value) {
    if (value instanceof String || value instanceof Markup || !Types.isIterable(value))
      return quote(text(value), false);
    List<String> pairs = new ArrayList<>();
    Iterator<?> items =
        value instanceof Map<?, ?> dict
            ? new Values.DictView("items", dict).iterator()
            : Types.iterator(value);
    while (items.hasNext()) {
      List<?> pair = Types.items(items.next(), budget);
      if (pair.size() != 2) throw new TemplateException("urlencode needs pairs");
      pairs.add(quote(text(pair.get(0)), true) + "=" + quote(text(pair.get(1)), true));
    }
    return String.join("&", pairs);
  }

  private String quote(String text, boolean inQuery) {
    Output output = new Output(budget);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain =
          c < 128
              && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || c == '/' && !inQuery);
      if (plain) output.append(c);
      else if (c == ' ' && inQuery) output.append('+');
      else
        output
            .append('%')
            .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
            .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
    }
    return output.toString();
  }
}
