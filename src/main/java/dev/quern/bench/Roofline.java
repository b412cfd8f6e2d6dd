package dev.quern.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a batch took beside the least that the machine allows for it.
 *
 * @param leastSeconds see {@link ModelCost#least}
 */
record Roofline(double leastSeconds, double seconds) {
  double fraction() {
    return leastSeconds / seconds;
  }

  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "Roofline: prompts by arithmetic + decode by bytes %.4f s; %.4f s = %.3f of it%n",
        leastSeconds,
        seconds,
        fraction());
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("least_seconds", leastSeconds);
    json.put("seconds", seconds);
    json.put("fraction", fraction());
    return json;
  }
}
