package dev.quern.api;

/**
 * Prometheus' text format. Written by hand because metric libraries forbid the colon in vLLM's
 * names. Every value carries the labels {@code engine} and {@code model_name}.
 */
final class MetricsText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final StringBuilder text = new StringBuilder(16 << 10);
  private final String labels;

  MetricsText(String modelName) {
    labels = "engine=\"0\",model_name=\"" + escaped(modelName) + "\"";
  }

  void head(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  void gauge(String name, double value, String help) {
    head(name, "gauge", help);
    value(name, value);
  }

  void counter(String name, double value, String help) {
    head(name, "counter", help);
    value(name, value);
  }

  /**
   * @param more names and values of further labels, in turn
   */
  void value(String name, double value, String... more) {
    text.append(name).append('{').append(labels);
    for (int i = 0; i < more.length; i += 2)
      text.append(',').append(more[i]).append("=\"").append(escaped(more[i + 1])).append('"');
    text.append("} ").append(value).append('\n');
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
