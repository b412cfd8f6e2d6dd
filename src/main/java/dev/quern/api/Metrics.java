package dev.quern.api;

import dev.quern.engine.EngineStats;
import dev.quern.engine.FinishReason;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.ServedModel;
import dev.quern.settings.EngineSettings;
import jakarta.inject.Singleton;

/** The server's metrics under vLLM's names, so that its dashboards and alerts fit. */
@Singleton
final class Metrics {
  private final RequestMetrics requests = new RequestMetrics();

  /** Watches one engine request. */
  GenerationListener observer() {
    return requests.observer();
  }

  String write(ServedModel model) {
    MetricsText text = new MetricsText(model.name());
    EngineStats stats = model.engine().stats();
    text.gauge("vllm:num_requests_running", stats.running(), "Outputs that run.");
    text.gauge("vllm:num_requests_waiting", stats.waiting(), "Outputs that wait to run.");
    String byReason = "vllm:num_requests_waiting_by_reason";
    text.head(byReason, "gauge", "Outputs that wait to run, by the reason why.");
    text.value(byReason, stats.waiting(), "reason", "capacity");
    text.value(byReason, 0, "reason", "deferred");
    text.gauge(
        "vllm:kv_cache_usage_perc", stats.kvUsage(), "Share of the KV cache in use; 1 is all.");
    cacheConfig(text, model.engine().settings());
    text.counter(
        "vllm:num_preemptions_total", stats.preemptions(), "Outputs that gave up their KV cache.");
    text.counter(
        "vllm:prompt_tokens_total",
        stats.promptTokens(),
        "Prompt tokens of requests that started.");
    text.counter(
        "vllm:prompt_tokens_cached_total",
        stats.prefixHitTokens(),
        "Prompt tokens found in the prefix cache.");
    text.counter("vllm:generation_tokens_total", stats.generationTokens(), "Tokens generated.");
    text.counter(
        "vllm:prefix_cache_queries_total",
        stats.prefixQueryTokens(),
        "Tokens looked up in the prefix cache.");
    text.counter(
        "vllm:prefix_cache_hits_total",
        stats.prefixHitTokens(),
        "Tokens found in the prefix cache.");
    String success = "vllm:request_success_total";
    text.head(success, "counter", "Outputs that ended, by the reason why.");
    for (FinishReason reason : FinishReason.values())
      text.value(success, requests.finished(reason), "finished_reason", reason.wireName());
    requests.write(text);
    return text.toString();
  }

  /** The engine's settings as labels of a constant, as Prometheus wants it. */
  private static void cacheConfig(MetricsText text, EngineSettings settings) {
    String name = "vllm:cache_config_info";
    text.head(name, "gauge", "The KV cache's settings.");
    text.value(
        name,
        1,
        "block_size",
        Integer.toString(settings.blockTokens()),
        "num_gpu_blocks",
        Integer.toString(settings.kvBlocks()),
        "enable_prefix_caching",
        settings.prefixCaching() ? "True" : "False");
  }
}
