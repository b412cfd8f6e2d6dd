package dev.quern.api;

import dev.quern.engine.Delta;
import dev.quern.engine.FinishReason;
import dev.quern.engine.GenerationListener;
import dev.quern.engine.GenerationResult;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/** What is measured of each request: its sizes and its times, with vLLM's buckets. */
final class RequestMetrics {
  private static final int MOST_TOKENS = 1_000_000;
  private static final double NANOS = 1e9;

  private final Histogram promptTokens = Histogram.oneTwoFive(MOST_TOKENS);
  private final Histogram computedTokens = Histogram.oneTwoFive(MOST_TOKENS);
  private final Histogram generationTokens = Histogram.oneTwoFive(MOST_TOKENS);
  private final Histogram longestOutput = Histogram.oneTwoFive(MOST_TOKENS);
  private final Histogram maxTokens = Histogram.oneTwoFive(MOST_TOKENS);
  private final Histogram n = new Histogram(1, 2, 5, 10, 20);
  private final Histogram firstToken =
      new Histogram(
          0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20,
          40, 80, 160, 640, 2560);
  private final Histogram interToken = perToken();
  private final Histogram perOutputToken = perToken();
  private final Histogram endToEnd = perRequest();
  private final Histogram queue = perRequest();
  private final Histogram inference = perRequest();
  private final Histogram prefill = perRequest();
  private final Histogram decode = perRequest();
  private final AtomicLongArray finished = new AtomicLongArray(FinishReason.values().length);

  private static Histogram perToken() {
    return new Histogram(
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
        80);
  }

  private static Histogram perRequest() {
    return new Histogram(
        0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920,
        7680);
  }

  long finished(FinishReason reason) {
    return finished.get(reason.ordinal());
  }

  GenerationListener observer() {
    return new Observer();
  }

  /** Called on the engine's thread only. */
  private final class Observer implements GenerationListener {
    private final long submitted = System.nanoTime();
    private long[] lastTokens = {0};
    private boolean started;

    @Override
    public void onDelta(Delta delta) {
      if (delta.tokens().length == 0) return;
      long now = System.nanoTime();
      if (!started) firstToken.observe((now - submitted) / NANOS);
      started = true;
      if (delta.index() >= lastTokens.length)
        lastTokens = Arrays.copyOf(lastTokens, Math.max(delta.index() + 1, lastTokens.length * 2));
      long last = lastTokens[delta.index()];
      if (last != 0) interToken.observe((now - last) / NANOS);
      lastTokens[delta.index()] = now;
    }

    @Override
    public void onDone(GenerationResult result) {
      sizes(result);
      times(result);
    }

    @Override
    public void onError(RuntimeException error) {
      finished.incrementAndGet(FinishReason.ABORT.ordinal());
    }
  }

  private void sizes(GenerationResult result) {
    int prompt = result.request().promptTokens().length;
    int total = 0;
    int longest = 0;
    for (GenerationResult.Output output : result.outputs()) {
      finished.incrementAndGet(output.finish().ordinal());
      total += output.tokens().length;
      longest = Math.max(longest, output.tokens().length);
    }
    promptTokens.observe(prompt);
    computedTokens.observe(prompt - result.cachedTokens());
    generationTokens.observe(total);
    longestOutput.observe(longest);
    n.observe(result.request().params().n());
    Integer limit = result.request().params().maxTokens();
    if (limit != null) maxTokens.observe(limit);
  }

  private void times(GenerationResult result) {
    GenerationResult.Timing timing = result.timing();
    // Cancelled before its first token: no times to tell.
    if (timing.scheduled() == 0 || timing.firstToken() == 0) return;
    endToEnd.observe((timing.lastToken() - timing.submitted()) / NANOS);
    queue.observe((timing.scheduled() - timing.submitted()) / NANOS);
    inference.observe((timing.lastToken() - timing.scheduled()) / NANOS);
    prefill.observe((timing.firstToken() - timing.scheduled()) / NANOS);
    double decodeSeconds = (timing.lastToken() - timing.firstToken()) / NANOS;
    decode.observe(decodeSeconds);
    int tokens = 0;
    for (GenerationResult.Output output : result.outputs())
      tokens = Math.max(tokens, output.tokens().length);
    if (tokens > 1) perOutputToken.observe(decodeSeconds / (tokens - 1));
  }

  void write(MetricsText text) {
    promptTokens.write(text, "vllm:request_prompt_tokens", "Prompt tokens of a request.");
    generationTokens.write(text, "vllm:request_generation_tokens", "Output tokens of a request.");
    longestOutput.write(
        text,
        "vllm:request_max_num_generation_tokens",
        "Tokens of the longest output of a request.");
    n.write(text, "vllm:request_params_n", "Outputs asked for by a request.");
    maxTokens.write(text, "vllm:request_params_max_tokens", "Most tokens allowed to an output.");
    computedTokens.write(
        text,
        "vllm:request_prefill_kv_computed_tokens",
        "Prompt tokens of a request that were not in the prefix cache.");
    firstToken.write(
        text, "vllm:time_to_first_token_seconds", "Seconds from submission to the first token.");
    interToken.write(
        text, "vllm:inter_token_latency_seconds", "Seconds between two tokens of an output.");
    perOutputToken.write(
        text,
        "vllm:request_time_per_output_token_seconds",
        "Seconds for each token after the first, a request's mean.");
    endToEnd.write(
        text, "vllm:e2e_request_latency_seconds", "Seconds from submission to the last token.");
    queue.write(text, "vllm:request_queue_time_seconds", "Seconds a request waited to start.");
    inference.write(
        text, "vllm:request_inference_time_seconds", "Seconds from start to the last token.");
    prefill.write(
        text, "vllm:request_prefill_time_seconds", "Seconds from start to the first token.");
    decode.write(
        text, "vllm:request_decode_time_seconds", "Seconds from the first to the last token.");
  }
}
