package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.DictView;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Values as JSON in the layout of Python's {@code json.dumps}, which is what transformers gives
 * templates as {@code tojson}.
 */
final class Json {
  private static final String HEX = "0123456789abcdef";

  private final Output output;
  private final boolean asciiOnly;
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sortKeys;

  /**
   * @param indent the text of one level, or null for one line
   */
  Json(
      Budget budget,
      boolean asciiOnly,
      String indent,
      String itemSeparator,
      String keySeparator,
      boolean sortKeys) {
    this.output = new Output(budget);
    this.asciiOnly = asciiOnly;
    this.indent = indent;
    this.itemSeparator = itemSeparator;
    this.keySeparator = keySeparator;
    this.sortKeys = sortKeys;
  }

  String write(Object value) {
    write(value, 0);
    return output.toString();
  }

  private void write(Object value, int level) {
    output.budget().step();
    switch (value) {
      case null -> output.append("null");
      case Boolean flag -> output.append(flag ? "true" : "false");
      case Double number -> output.append(ofFloat(number));
      case Number number -> output.append(number.toString());
      case String text -> string(text);
      case Markup(String text) -> string(text);
      case Range _, DictView _ -> throw notSerializable(value);
      case List<?> items -> list(items, level);
      case Map<?, ?> dict -> dict(dict, level);
      default -> throw notSerializable(value);
    }
  }

  private static TemplateException notSerializable(Object value) {
    return new TemplateException(
        "Object of type " + Types.name(value) + " is not JSON serializable");
  }

  private static String ofFloat(double number) {
    if (Double.isNaN(number)) return "NaN";
    if (Double.isInfinite(number)) return number > 0 ? "Infinity" : "-Infinity";
    return Repr.ofFloat(number);
  }

  private void list(List<?> items, int level) {
    if (items.isEmpty()) {
      output.append("[]");
      return;
    }
    output.budget().enter();
    output.append('[');
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) output.append(itemSeparator);
      newLine(level + 1);
      write(items.get(i), level + 1);
    }
    newLine(level);
    output.append(']');
    output.budget().leave();
  }

  private void dict(Map<?, ?> dict, int level) {
    if (dict.isEmpty()) {
      output.append("{}");
      return;
    }
    output.budget().enter();
    output.append('{');
    List<Map.Entry<?, ?>> entries = new ArrayList<>(dict.entrySet());
    if (sortKeys) Sorting.sort(entries, Map.Entry::getKey, false, output.budget());
    for (int i = 0; i < entries.size(); i++) {
      if (i > 0) output.append(itemSeparator);
      newLine(level + 1);
      string(key(entries.get(i).getKey()));
      output.append(keySeparator);
      write(entries.get(i).getValue(), level + 1);
    }
    newLine(level);
    output.append('}');
    output.budget().leave();
  }

  private static String key(Object key) {
    return switch (key) {
      case String text -> text;
      case null -> "null";
      case Boolean flag -> flag ? "true" : "false";
      case Double number -> ofFloat(number);
      case Number number -> number.toString();
      default ->
          throw new TemplateException(
              "keys must be str, int, float, bool or None, not " + Types.name(key));
    };
  }

  private void newLine(int level) {
    if (indent == null) return;
    output.append('\n');
    for (int i = 0; i < level; i++) output.append(indent);
  }

  private void string(String text) {
    output.append('"');
    int plainFrom = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c != '"' && c != '\\' && !(asciiOnly && c >= 0x7f)) continue;
      output.append(text, plainFrom, i);
      plainFrom = i + 1;
      escape(c);
    }
    output.append(text, plainFrom, text.length()).append('"');
  }

  private void escape(char c) {
    switch (c) {
      case '"' -> output.append("\\\"");
      case '\\' -> output.append("\\\\");
      case '\n' -> output.append("\\n");
      case '\r' -> output.append("\\r");
      case '\t' -> output.append("\\t");
      case '\b' -> output.append("\\b");
      case '\f' -> output.append("\\f");
      default ->
          output
              .append("\\u")
              .append(HEX.charAt(c >> 12))
              .append(HEX.charAt(c >> 8 & 15))
              .append(HEX.charAt(c >> 4 & 15))
              .append(HEX.charAt(c & 15));
    }
  }
}
