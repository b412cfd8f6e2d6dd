package dev.quern.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** The report as one HTML file without scripts or anything to fetch; light and dark. */
final class ReportPage {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>%1$s</title>
      <style>
      :root { --ink: #1c1c1a; --soft: #66665f; --paper: #fdfdfb; --line: #d9d8d0; --mark: #2a6f97; --bad: #b3402a; }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #e8e6df; --soft: #a09e95; --paper: #191917; --line: #3a3935; --mark: #6db3da; --bad: #e8836b; }
      }
      body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
        max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
      p { color: var(--soft); margin: .25rem 0; overflow-wrap: anywhere; }
      svg { width: 100%%; height: auto; display: block; }
      svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
      .grid { stroke: var(--line); stroke-width: 1; }
      .curve { fill: none; stroke: var(--mark); stroke-width: 2; stroke-linejoin: round; }
      .bar { fill: var(--mark); }
      .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 0 1.5rem; }
      .scroll { overflow-x: auto; } .scroll > svg { min-width: 36rem; } section svg { max-width: 26rem; }
      table { border-collapse: collapse; width: 100%%; font-size: .9rem; }
      th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
        font-variant-numeric: tabular-nums; white-space: nowrap; }
      th { font-weight: 600; } .text { text-align: left; }
      td.text { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
      .bad { color: var(--bad); width: 1%%; } .share { width: 30%%; }
      .share div { height: .8rem; min-width: 1px; background: var(--bad); }
      </style>
      </head>
      <body>
      <h1>%2$s</h1>
      """;

  private ReportPage() {}

  static String of(ObjectNode report, Tally tally) {
    StringBuilder page = new StringBuilder();
    String title = Report.headline(report);
    page.append(HEAD.formatted(escape(title), escape(title)));
    page.append("<p>").append(escape(report.get("output").textValue())).append("</p>\n<p>");
    page.append(escape(report.get("model").textValue())).append("</p>\n");
    page.append("<h2>Output tokens per second</h2>\n<div class=\"scroll\">\n");
    Plots.curve(page, tally.series(), true);
    page.append("</div>\n<h2>Lines per second</h2>\n<div class=\"scroll\">\n");
    Plots.curve(page, tally.series(), false);
    page.append("</div>\n<div class=\"row\">\n");
    histogram(page, "Prompt length in tokens", tally.promptLengths());
    histogram(page, "Output length in tokens", tally.outputLengths());
    histogram(page, "Time from start to result in ms", tally.latencies());
    page.append("</div>\n");
    failures(page, tally);
    attempts(page, report.get("attempts"));
    return page.append("</body>\n</html>\n").toString();
  }

  private static void histogram(StringBuilder page, String title, Histogram histogram) {
    page.append("<section><h2>").append(title).append("</h2>\n");
    Plots.bars(page, histogram, title);
    page.append("</section>\n");
  }

  private static void failures(StringBuilder page, Tally tally) {
    if (tally.failures().byCount().isEmpty()) return;
    page.append("<h2>Failures</h2>\n<div class=\"scroll\"><table>\n");
    page.append("<tr><th>lines</th><th class=\"text\">of those that failed</th>");
    page.append("<th class=\"text\">status and message</th></tr>\n");
    for (Map.Entry<String, Long> kind : tally.failures().byCount())
      page.append("<tr><td class=\"bad\">")
          .append(number(kind.getValue()))
          .append("</td><td class=\"share\"><div style=\"width: ")
          .append(String.format(Locale.ROOT, "%.1f", 100.0 * kind.getValue() / tally.failed()))
          .append("%\"></div></td><td class=\"text\">")
          .append(escape(kind.getKey()))
          .append("</td></tr>\n");
    page.append("</table></div>\n");
  }

  private static void attempts(StringBuilder page, JsonNode attempts) {
    page.append("<h2>Attempts</h2>\n<div class=\"scroll\"><table>\n<tr>");
    page.append("<th class=\"text\">started</th><th>time</th><th>lines</th><th>failed</th>");
    page.append(
        "<th>prompt tokens</th><th>output tokens</th><th>per second</th><th>exit</th></tr>\n");
    for (JsonNode attempt : attempts) {
      page.append("<tr><td class=\"text\">").append(escape(attempt.path("started").asText()));
      page.append("</td><td>").append(Progress.duration(attempt.path("seconds").asDouble()));
      for (String column : new String[] {"lines", "failed", "prompt_tokens", "output_tokens"})
        page.append("</td><td>").append(number(attempt.path(column).asLong()));
      page.append("</td><td>");
      page.append(number(Math.round(attempt.path("output_tokens_per_second").asDouble())));
      page.append("</td><td>").append(attempt.path("exit_code").asInt()).append("</td></tr>\n");
    }
    page.append("</table></div>\n");
  }

  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
