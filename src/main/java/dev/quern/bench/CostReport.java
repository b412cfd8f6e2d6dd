package dev.quern.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The arithmetic that is the same for every step, so that a reader can check a ratio. */
record CostReport(BenchTarget target, ModelCost cost) {
  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        "Arithmetic: %,d parameters in the layers + %,d in the head, %s: %.4f GB a step;"
            + " %,d bytes of keys and values a token; %.3f GFLOP a token in the layers, %.3f in the"
            + " head%n",
        cost.layerParameters(),
        cost.headParameters(),
        target.spec().dtype().torchName(),
        cost.weightBytes() / 1e9,
        cost.kvBytesPerToken(),
        2 * cost.layerParameters() / 1e9,
        2 * cost.headParameters() / 1e9);
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("layer_parameters", cost.layerParameters());
    json.put("head_parameters", cost.headParameters());
    json.put("weight_bytes_per_step", cost.weightBytes());
    json.put("kv_bytes_per_token", cost.kvBytesPerToken());
    return json;
  }

  static void printLimits(PrintStream out, String device, Limits limits) {
    out.printf(Locale.ROOT, "Machine: %s; %s, measured in this run%n", device, limits.rates());
  }

  static Map<String, Object> limitsJson(String device, Limits limits) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("device", device);
    json.put("bandwidth_bytes_per_second", limits.bytesPerSecond());
    json.put("flops_per_second", limits.flopsPerSecond());
    json.put("rates", limits.rates());
    return json;
  }
}
