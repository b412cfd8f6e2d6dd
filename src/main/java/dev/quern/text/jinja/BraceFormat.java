package dev.quern.text.jinja;

/**
 * {@code str.format}: fields by position or name with attributes, items and conversions; format
 * specs with fill, alignment, width, precision and the types {@code s d x o b f e g}.
 */
final class BraceFormat {
  private final String format;
  private final Arguments arguments;
  private final Budget budget;
  private final Output output;
  private int nextField;

  private BraceFormat(String format, Arguments arguments, Budget budget) {
    this.format = format;
    this.arguments = arguments;
    this.budget = budget;
    this.output = new Output(budget);
  }

  static String format(String format, Arguments arguments, Budget budget) {
    return new BraceFormat(format, arguments, budget).run();
  }

  private String run() {
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      boolean doubled = i + 1 < format.length() && format.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        output.append(c);
        i++;
      } else if (c == '{') {
        int end = format.indexOf('}', i);
        if (end < 0) throw new TemplateException("expected '}' before end of string");
        output.append(field(format.substring(i + 1, end)));
        i = end;
      } else if (c == '}') {
        throw new TemplateException("Single '}' encountered in format string");
      } else {
        output.append(c);
      }
    }
    return output.toString();
  }

  private String field(String field) {
    if (field.indexOf('{') >= 0)
      throw new TemplateException("nested fields of str.format are not supported");
    int colon = field.indexOf(':');
    String spec = colon < 0 ? "" : field.substring(colon + 1);
    String path = colon < 0 ? field : field.substring(0, colon);
    int bang = path.indexOf('!');
    String conversion = bang < 0 ? "" : path.substring(bang + 1);
    Object value = value(bang < 0 ? path : path.substring(0, bang));
    Object converted =
        switch (conversion) {
          case "" -> value;
          case "s" -> Repr.text(value, budget);
          case "r" -> Repr.of(value, budget);
          default ->
              throw new TemplateException("Unknown conversion specifier '" + conversion + "'");
        };
    return spec.isEmpty() ? Repr.text(converted, budget) : spec(converted, spec);
  }

  private Object value(String path) {
    int end = 0;
    while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') end++;
    Object value = argument(path.substring(0, end));
    while (end < path.length()) {
      boolean isItem = path.charAt(end) == '[';
      int start = end + 1;
      end = start;
      while (end < path.length()
          && (isItem
              ? path.charAt(end) != ']'
              : path.charAt(end) != '.' && path.charAt(end) != '[')) end++;
      String name = path.substring(start, end);
      if (isItem && end == path.length())
        throw new TemplateException("Missing ']' in format string");
      value =
          isItem
              ? Lookup.item(value, isNumber(name) ? (Object) number(name) : name, budget)
              : Lookup.attribute(value, name, budget);
      if (isItem) end++;
    }
    return value;
  }

  private Object argument(String name) {
    if (!name.isEmpty() && !isNumber(name)) {
      if (!arguments.keywords().containsKey(name))
        throw new TemplateException("str.format has no argument '" + name + "'");
      return arguments.keywords().get(name);
    }
    long index = name.isEmpty() ? nextField++ : number(name);
    if (index >= arguments.positional().size())
      throw new TemplateException(
          "Replacement index " + index + " out of range for positional args");
    return arguments.positional().get((int) index);
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static long number(String digits) {
    if (digits.length() > 9)
      throw new TemplateException("the number " + digits + " in a format string is too large");
    return Long.parseLong(digits);
  }

  private static boolean isAlignment(char c) {
    return c == '<' || c == '>' || c == '^';
  }

  /** {@code [[fill]align][sign][0][width][,][.precision][type]}. */
  private String spec(Object value, String spec) {
    int at = 0;
    char fill = ' ';
    char alignment = value instanceof Number ? '>' : '<';
    if (spec.length() > 1 && isAlignment(spec.charAt(1))) {
      fill = spec.charAt(0);
      alignment = spec.charAt(1);
      at = 2;
    } else if (isAlignment(spec.charAt(0))) {
      alignment = spec.charAt(0);
      at = 1;
    }
    boolean plus = at < spec.length() && spec.charAt(at) == '+';
    if (plus) at++;
    if (at < spec.length() && spec.charAt(at) == '0') {
      fill = '0';
      at++;
    }
    int widthEnd = digitsEnd(spec, at);
    long width = widthEnd > at ? number(spec.substring(at, widthEnd)) : 0;
    at = widthEnd;
    boolean grouped = at < spec.length() && spec.charAt(at) == ',';
    if (grouped) at++;
    int precision = -1;
    if (at < spec.length() && spec.charAt(at) == '.') {
      int end = digitsEnd(spec, at + 1);
      if (end == at + 1) throw new TemplateException("Format specifier missing precision");
      precision = (int) number(spec.substring(at + 1, end));
      budget.makesText(precision);
      at = end;
    }
    String type = spec.substring(at);
    String text = grouped ? grouped(typed(value, type, precision)) : typed(value, type, precision);
    if (plus && !text.startsWith("-")) text = "+" + text;
    int side = alignment == '<' ? -1 : alignment == '>' ? 1 : 0;
    return Strings.pad(text, width, side, fill, budget);
  }

  private static int digitsEnd(String spec, int start) {
    int end = start;
    while (end < spec.length() && spec.charAt(end) >= '0' && spec.charAt(end) <= '9') end++;
    return end;
  }

  private String typed(Object value, String type, int precision) {
    boolean isNumber = value instanceof Number || value instanceof Boolean;
    switch (type) {
      case "d" -> {
        return Long.toString(Types.integer(value, "format 'd'"));
      }
      case "x", "X", "o", "b" -> {
        return PercentFormat.inRadix(Types.integer(value, "format '" + type + "'"), type.charAt(0));
      }
      case "f", "e", "g", "F", "E", "G" -> {
        if (!isNumber)
          throw new TemplateException(
              "Unknown format code '" + type + "' for object of type '" + Types.name(value) + "'");
        double number =
            value instanceof Number real ? real.doubleValue() : Types.integer(value, "format");
        return PercentFormat.decimal(number, type.charAt(0), precision < 0 ? 6 : precision);
      }
      case "", "s" -> {
        if (type.equals("s") && isNumber)
          throw new TemplateException(
              "Unknown format code 's' for object of type '" + Types.name(value) + "'");
        String text = Repr.text(value, budget);
        if (precision < 0) return text;
        if (isNumber)
          return PercentFormat.decimal(
              ((Number) Arithmetics.number(value)).doubleValue(), 'g', precision);
        return precision < Types.length(text)
            ? text.substring(0, text.offsetByCodePoints(0, precision))
            : text;
      }
      default -> throw new TemplateException("Unknown format code '" + type + "'");
    }
  }

  private static String grouped(String number) {
    int point = number.indexOf('.') < 0 ? number.length() : number.indexOf('.');
    StringBuilder text = new StringBuilder(number);
    for (int i = point - 3; i > (number.startsWith("-") ? 1 : 0); i -= 3) text.insert(i, ',');
    return text.toString();
  }
}
