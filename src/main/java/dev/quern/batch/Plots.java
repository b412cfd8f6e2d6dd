package dev.quern.batch;

import java.util.Locale;

/** Plots as inline SVG. */
final class Plots {
  private static final int WIDE = 900;
  private static final int HIGH = 180;
  private static final int LEFT = 56;
  private static final int BOTTOM = 22;
  private static final int TOP = 10;
  private static final int BARS_WIDE = 300;

  private Plots() {}

  /**
   * A rate over time.
   *
   * @param tokens of output tokens; else of lines
   */
  static void curve(StringBuilder page, Series series, boolean tokens) {
    int points = series.size();
    if (points < 2) {
      page.append("<p>Too short to plot.</p>\n");
      return;
    }
    double most = 0;
    for (int i = 1; i < points; i++) most = Math.max(most, rate(series, i, tokens));
    double top = round(most);
    double end = series.seconds(points - 1);
    open(page, WIDE, tokens ? "output tokens per second over time" : "lines per second over time");
    grid(page, WIDE, top);
    StringBuilder path = new StringBuilder();
    for (int i = 1; i < points; i++) {
      double x = LEFT + (WIDE - LEFT - 8) * (end <= 0 ? 0 : series.seconds(i) / end);
      String y = digits(y(rate(series, i, tokens), top));
      // A rate is that of the time before its point, so the first one begins at the start.
      path.append(i == 1 ? "M" + LEFT + " " + y + " L" : "L");
      path.append(digits(x)).append(' ').append(y).append(' ');
    }
    page.append("<path class=\"curve\" d=\"").append(path.toString().strip()).append("\"/>\n");
    for (int i = 0; i <= 4; i++)
      text(
          page,
          LEFT + (WIDE - LEFT - 8) * i / 4.0,
          HIGH - 6,
          i == 0 ? "start" : i == 4 ? "end" : "middle",
          end < 20 ? digits(end * i / 4) + " s" : Progress.duration(end * i / 4));
    page.append("</svg>\n");
  }

  private static double rate(Series series, int point, boolean tokens) {
    return tokens ? series.tokensPerSecond(point) : series.linesPerSecond(point);
  }

  static void bars(StringBuilder page, Histogram histogram, String label) {
    long[] counts = histogram.buckets();
    if (counts.length == 0) {
      page.append("<p>Nothing to plot.</p>\n");
      return;
    }
    int first = 0;
    while (counts[first] == 0) first++;
    long most = 0;
    for (long count : counts) most = Math.max(most, count);
    double top = round(most);
    open(page, BARS_WIDE, label);
    grid(page, BARS_WIDE, top);
    double width = (BARS_WIDE - LEFT - 8.0) / (counts.length - first);
    int every = (int) Math.ceil((counts.length - first) / 8.0);
    for (int i = first; i < counts.length; i++) {
      double x = LEFT + (i - first) * width;
      double y = y(counts[i], top);
      page.append("<rect class=\"bar\" x=\"").append(digits(x + 1));
      page.append("\" y=\"").append(digits(y)).append("\" width=\"");
      page.append(digits(Math.max(1, width - 2))).append("\" height=\"");
      page.append(digits(HIGH - BOTTOM - y)).append("\"><title>");
      page.append(ReportPage.number(counts[i])).append("</title></rect>\n");
      if ((i - first) % every == 0)
        text(page, x + width / 2, HIGH - 6, "middle", Histogram.label(i));
    }
    page.append("</svg>\n");
  }

  private static void open(StringBuilder page, int width, String label) {
    page.append("<svg viewBox=\"0 0 ").append(width).append(' ').append(HIGH);
    page.append("\" role=\"img\" aria-label=\"").append(ReportPage.escape(label)).append("\">\n");
  }

  private static void grid(StringBuilder page, int width, double top) {
    for (int i = 0; i <= 2; i++) {
      double y = y(top * i / 2, top);
      page.append("<path class=\"grid\" d=\"M").append(LEFT).append(' ').append(digits(y));
      page.append("H").append(width - 8).append("\"/>\n");
      text(page, LEFT - 8, y + 4, "end", axis(top * i / 2));
    }
  }

  private static void text(StringBuilder page, double x, double y, String anchor, String text) {
    page.append("<text x=\"").append(digits(x)).append("\" y=\"").append(digits(y));
    page.append("\" text-anchor=\"").append(anchor).append("\">").append(text).append("</text>\n");
  }

  private static double y(double value, double top) {
    return HIGH - BOTTOM - (HIGH - BOTTOM - TOP) * (top <= 0 ? 0 : value / top);
  }

  /** Up to 1, 2 or 5 times a power of ten. */
  private static double round(double most) {
    if (most <= 0) return 1;
    double power = Math.pow(10, Math.floor(Math.log10(most)));
    for (double step : new double[] {1, 2, 5}) if (most <= step * power) return step * power;
    return 10 * power;
  }

  private static String axis(double value) {
    if (value >= 1e6) return digits(value / 1e6) + "M";
    return value >= 1e4 ? digits(value / 1e3) + "K" : digits(value);
  }

  private static String digits(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
