package dev.quern.settings;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Settings in files: {@code .properties} with keys {@code quern.<flag>}, or the flat YAML that
 * vLLM's {@code --config} reads ({@code flag: value}, lists as {@code [a, b]} or as {@code - a}
 * lines).
 */
final class ConfigFile {
  private static final String KEY_PREFIX = "quern.";

  /** A comma with whole quotes before and after it. */
  private static final String OUTSIDE_QUOTES = ",(?=(?:[^'\"]*['\"][^'\"]*['\"])*[^'\"]*$)";

  private ConfigFile() {}

  /** The layer of one file, which must exist. Keys of Quarkus are Quarkus's own business. */
  static Layer read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new SettingsException("cannot read the settings file " + file + ": " + e);
    }
    String name = file.getFileName().toString();
    if (name.endsWith(".yaml") || name.endsWith(".yml")) {
      return new Layer(new Layer.File(file.toString(), ""), yaml(file, text));
    }
    return new Layer(new Layer.File(file.toString(), KEY_PREFIX), properties(file, text));
  }

  private static Map<String, String> properties(Path file, String text) {
    var properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) {
      throw new SettingsException("the settings file " + file + ": " + e.getMessage());
    }
    var values = new LinkedHashMap<String, String>();
    for (String key : properties.stringPropertyNames()) {
      if (key.startsWith(KEY_PREFIX)) {
        values.put(key.substring(KEY_PREFIX.length()), properties.getProperty(key));
      }
    }
    return values;
  }

  private static Map<String, String> yaml(Path file, String text) {
    var values = new LinkedHashMap<String, String>();
    String key = null;
    int number = 0;
    for (String line : text.split("\\R", -1)) {
      number++;
      String content = withoutComment(line);
      if (content.isBlank() || content.strip().equals("---")) {
        continue;
      }
      if (content.strip().startsWith("- ") && key != null) {
        values.merge(
            key, listItem(content.strip().substring(2)), (a, b) -> a.isEmpty() ? b : a + "," + b);
        continue;
      }
      int colon = content.indexOf(':');
      boolean pair =
          colon > 0 && (colon + 1 == content.length() || content.charAt(colon + 1) == ' ');
      if (!pair || Character.isWhitespace(content.charAt(0))) {
        throw new SettingsException(
            file + ", line " + number + ": expected \"flag: value\", found \"" + line + '"');
      }
      key = content.substring(0, colon).strip().replace('_', '-');
      values.put(key, scalarOrList(content.substring(colon + 1).strip()));
    }
    return values;
  }

  private static String scalarOrList(String value) {
    if (!value.startsWith("[") || !value.endsWith("]")) {
      return unquoted(value);
    }
    var out = new StringBuilder();
    for (String item : value.substring(1, value.length() - 1).split(OUTSIDE_QUOTES)) {
      out.append(out.isEmpty() ? "" : ",").append(listItem(item));
    }
    return out.toString();
  }

  private static String listItem(String item) {
    return unquoted(item.strip()).replace(",", "\\,");
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() > 1
            && (value.charAt(0) == '\'' || value.charAt(0) == '"')
            && value.charAt(0) == value.charAt(value.length() - 1);
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  /** The line up to a {@code #} that starts it or follows a space, outside quotes. */
  private static String withoutComment(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '#' && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
        return line.substring(0, i);
      }
    }
    return line;
  }
}
