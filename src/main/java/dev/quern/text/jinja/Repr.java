package dev.quern.text.jinja;

import dev.quern.text.jinja.Values.DictView;
import dev.quern.text.jinja.Values.Markup;
import dev.quern.text.jinja.Values.Namespace;
import dev.quern.text.jinja.Values.Range;
import dev.quern.text.jinja.Values.Tuple;
import dev.quern.text.jinja.Values.Undefined;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;

/** How Python prints values: {@code str()} and {@code repr()}. */
final class Repr {
  private static final String HEX = "0123456789abcdef";

  private Repr() {}

  /** {@code str(value)}. */
  static String text(Object value, Budget budget) {
    return switch (value) {
      case String text -> text;
      case Markup(String text) -> text;
      case Undefined _ -> "";
      case Boolean flag -> flag ? "True" : "False";
      case Long number -> Long.toString(number);
      case null -> "None";
      default -> of(value, budget);
    };
  }

  /** {@code repr(value)}. */
  static String of(Object value, Budget budget) {
    Output output = new Output(budget);
    append(value, output);
    return output.toString();
  }

  private static void append(Object value, Output output) {
    output.budget().step();
    switch (value) {
      case null -> output.append("None");
      case Boolean flag -> output.append(flag ? "True" : "False");
      case Double number -> output.append(ofFloat(number));
      case Number number -> output.append(number.toString());
      case String text -> quote(text, output);
      case Markup(String text) -> {
        output.append("Markup(");
        quote(text, output);
        output.append(")");
      }
      case Undefined _ -> output.append("Undefined");
      case Range range -> output.append(range.describe());
      case Tuple tuple -> items(tuple, "(", tuple.size() == 1 ? ",)" : ")", output);
      case DictView view -> items(view, view.kind() + "([", "])", output);
      case Collection<?> list -> items(list, "[", "]", output);
      case Map<?, ?> dict -> dict(dict, output);
      case Namespace namespace -> {
        output.append("<Namespace ");
        dict(namespace.attributes(), output);
        output.append(">");
      }
      default -> output.append("<" + Types.name(value) + " object>");
    }
  }

  private static void items(Collection<?> items, String open, String close, Output output) {
    output.budget().enter();
    output.append(open);
    boolean first = true;
    for (Object item : items) {
      if (!first) output.append(", ");
      first = false;
      append(item, output);
    }
    output.append(close);
    output.budget().leave();
  }

  private static void dict(Map<?, ?> dict, Output output) {
    output.budget().enter();
    output.append("{");
    boolean first = true;
    for (Map.Entry<?, ?> entry : dict.entrySet()) {
      if (!first) output.append(", ");
      first = false;
      append(entry.getKey(), output);
      output.append(": ");
      append(entry.getValue(), output);
    }
    output.append("}");
    output.budget().leave();
  }

  private static void quote(String text, Output output) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    output.append(quote);
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      switch (c) {
        case '\\' -> output.append("\\\\");
        case '\n' -> output.append("\\n");
        case '\r' -> output.append("\\r");
        case '\t' -> output.append("\\t");
        default -> {
          if (c == quote) output.append('\\').append(quote);
          else if (isPrintable(c)) output.append(text, i, i + Character.charCount(c));
          else escape(c, output);
        }
      }
    }
    output.append(quote);
  }

  static boolean isPrintable(int c) {
    if (c == ' ') return true;
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static void escape(int c, Output output) {
    int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    output.append(digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U");
    for (int shift = digits * 4 - 4; shift >= 0; shift -= 4)
      output.append(HEX.charAt(c >> shift & 15));
  }

  /** The shortest digits that give the same double, in Python's layout. */
  static String ofFloat(double value) {
    if (Double.isNaN(value)) return "nan";
    if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
    String digits = Double.toString(value);
    int mark = digits.indexOf('E');
    if (mark < 0) return digits;
    int exponent = Integer.parseInt(digits.substring(mark + 1));
    if (exponent >= -4 && exponent < 16) {
      String plain = new BigDecimal(digits).stripTrailingZeros().toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String mantissa = digits.substring(0, mark);
    if (mantissa.endsWith(".0")) mantissa = mantissa.substring(0, mantissa.length() - 2);
    int size = Math.abs(exponent);
    return mantissa + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
  }
}
