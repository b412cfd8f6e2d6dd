package dev.quern.settings;

import static dev.quern.settings.VllmFlag.Values.NONE;
import static dev.quern.settings.VllmFlag.Values.ONE;
import static dev.quern.settings.VllmFlag.Values.SEVERAL;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * vLLM's flags that Quern does not have: those without meaning here are ignored with a warning, so
 * that a vLLM command line runs unchanged; those that would change answers or safety are refused
 * with the reason.
 */
public final class VllmFlags {
  private static final Map<String, VllmFlag> BY_NAME = new LinkedHashMap<>();

  static {
    ignore("no code of a model's repository is run", NONE, "trust-remote-code");
    ignore("no code of a model's repository is run", ONE, "code-revision");
    ignore("all models run through one implementation", ONE, "model-impl");
    ignore("nothing is compiled at start", NONE, "enforce-eager");
    ignore(
        "nothing is compiled at start",
        ONE,
        "compilation-config",
        "optimization-level",
        "cuda-graph-sizes",
        "cudagraph-capture-sizes",
        "max-cudagraph-capture-size",
        "max-seq-len-to-capture",
        "performance-mode");
    ignore("one process runs everything", NONE, "worker-use-ray", "engine-use-ray");
    ignore("one process runs everything", NONE, "disable-frontend-multiprocessing");
    ignore(
        "one process runs everything", NONE, "ray-workers-use-nsight", "disable-async-output-proc");
    ignore(
        "one process runs everything",
        ONE,
        "distributed-executor-backend",
        "worker-cls",
        "worker-extension-cls",
        "max-parallel-loading-workers",
        "tokenizer-pool-size",
        "tokenizer-pool-type",
        "api-server-count",
        "renderer-num-workers",
        "scheduler-cls");
    ignore(
        "preempted sequences are computed again, not swapped",
        ONE,
        "swap-space",
        "preemption-mode");
    ignore("the KV cache is sized by --kv-cache-memory-bytes", ONE, "num-gpu-blocks-override");
    ignore("the scheduler plans ahead where the device gains by it", NONE, "async-scheduling");
    ignore("there is one scheduler", NONE, "use-v2-block-manager", "multi-step-stream-outputs");
    ignore("there is one scheduler", ONE, "num-scheduler-steps", "scheduler-delay-factor");
    ignore("there is one scheduler", ONE, "max-num-partial-prefills", "max-long-partial-prefills");
    ignore("there is one scheduler", ONE, "long-prefill-token-threshold", "num-lookahead-slots");
    ignore("every token is sent as it comes", ONE, "stream-interval");
    ignore("the prefix cache has one hash", ONE, "prefix-caching-hash-algo");
    ignore("attention is chosen by the device", ONE, "attention-backend", "attention-config");
    ignore("attention is chosen by the device", NONE, "disable-cascade-attn");
    ignore("KV groups follow the model", NONE, "disable-hybrid-kv-cache-manager");
    ignore(
        "weights are mapped from the file",
        ONE,
        "safetensors-load-strategy",
        "pt-load-map-location");
    ignore("weights are mapped from the file", ONE, "model-loader-extra-config", "ignore-patterns");
    ignore("weights are mapped from the file", NONE, "use-tqdm-on-load");
    ignore("requests are not logged", NONE, "enable-log-requests", "disable-log-requests");
    ignore("requests are not logged", NONE, "enable-log-outputs", "enable-log-deltas");
    ignore("requests are not logged", NONE, "disable-uvicorn-access-log", "log-error-stack");
    ignore("requests are not logged", ONE, "max-log-len", "disable-access-log-for-endpoints");
    ignore("counters are at /metrics, not in the log", NONE, "disable-log-stats");
    ignore("counters are at /metrics, not in the log", NONE, "aggregate-engine-logging");
    ignore("counters are at /metrics", NONE, "enable-server-load-tracking", "kv-cache-metrics");
    ignore("counters are at /metrics", NONE, "cudagraph-metrics", "enable-mfu-metrics");
    ignore("counters are at /metrics", ONE, "show-hidden-metrics-for-version");
    ignore("the log is Quarkus's (quarkus.log.*)", ONE, "uvicorn-log-level", "log-config-file");
    ignore(
        "the HTTP server is Quarkus", ONE, "h11-max-incomplete-event-size", "h11-max-header-count");
    ignore(
        "there are no pages of documentation", NONE, "disable-fastapi-docs", "enable-offline-docs");
    ignore("every unknown setting is an error", NONE, "fail-on-environ-validation");
    ignore("only text models are run", NONE, "skip-mm-profiling", "disable-mm-preprocessor-cache");
    ignore("only text models are run", NONE, "interleave-mm-strings", "enable-mm-embeds");
    ignore("only text models are run", NONE, "language-model-only", "disable-chunked-mm-input");
    ignore("only text models are run", ONE, "limit-mm-per-prompt", "media-io-kwargs");
    ignore("only text models are run", ONE, "mm-processor-kwargs", "mm-processor-cache-gb");
    ignore("only text models are run", ONE, "mm-processor-cache-type", "mm-encoder-tp-mode");
    ignore("only text models are run", ONE, "allowed-local-media-path", "video-pruning-rate");
    ignore("only text models are run", SEVERAL, "allowed-media-domains");
    ignore("GPUs do not exchange data", NONE, "disable-custom-all-reduce");

    String oneGpu = "models run on one device";
    refuse(oneGpu, ONE, "1", "tensor-parallel-size", "pipeline-parallel-size");
    refuse(oneGpu, ONE, "1", "decode-context-parallel-size", "prefill-context-parallel-size");
    refuse(oneGpu, ONE, "1", "nnodes", "data-parallel-size-local");
    refuse(oneGpu, NONE, "", "enable-expert-parallel", "enable-eplb", "enable-dbo", "headless");
    refuse("quantised weights are not supported yet", ONE, "", "quantization");
    refuse("the KV cache has the type of the activations", ONE, "auto", "kv-cache-dtype");
    refuse("the KV cache has the type of the activations", NONE, "", "calculate-kv-scales");
    refuse("weights stay on one device", ONE, "0", "cpu-offload-gb", "kv-offloading-size");
    refuse("adapters are not supported yet", NONE, "", "enable-lora", "fully-sharded-loras");
    refuse("adapters are not supported yet", SEVERAL, "", "lora-modules");
    refuse(
        "adapters are not supported yet", ONE, "", "max-loras", "max-lora-rank", "max-cpu-loras");
    refuse("speculative decoding is not supported yet", ONE, "", "speculative-config");
    refuse("structured output is not supported yet", ONE, "", "structured-outputs-config");
    refuse("structured output is not supported yet", ONE, "auto", "guided-decoding-backend");
    refuse("tool calls are not supported yet", NONE, "", "enable-auto-tool-choice");
    refuse("tool calls are not supported yet", ONE, "", "tool-call-parser", "tool-parser-plugin");
    refuse("tool calls are not supported yet", ONE, "", "tool-server");
    refuse(
        "reasoning is not split off yet", ONE, "", "reasoning-parser", "reasoning-parser-plugin");
    refuse("requests run first come, first served", ONE, "fcfs", "scheduling-policy");
    refuse("log probabilities are those of the model", ONE, "raw_logprobs", "logprobs-mode");
    refuse("only generation is supported", ONE, "auto", "task", "convert");
    refuse("only generation is supported", ONE, "generate", "runner");
    refuse("only generation is supported", ONE, "", "pooler-config", "override-pooler-config");
    refuse("windows follow the model", NONE, "", "disable-sliding-window");
    refuse("use --hf-overrides", ONE, "", "rope-scaling", "rope-theta");
    refuse("no Python plugin can be loaded", SEVERAL, "", "logits-processors", "middleware");
    refuse("no Python plugin can be loaded", ONE, "", "io-processor-plugin");
    refuse("models are not put to sleep yet", NONE, "", "enable-sleep-mode");
    refuse("prompts are text or token ids", NONE, "", "enable-prompt-embeds");
    refuse("KV is not sent to other machines", ONE, "", "kv-transfer-config", "ec-transfer-config");
    refuse("KV is not sent to other machines", ONE, "", "kv-events-config");
    refuse(
        "use a proxy for TLS",
        ONE,
        "",
        "ssl-keyfile",
        "ssl-certfile",
        "ssl-ca-certs",
        "ssl-ciphers");
    refuse("use a proxy for TLS", ONE, "0", "ssl-cert-reqs");
    refuse("use a proxy for TLS", NONE, "", "enable-ssl-refresh");
    refuse("the server listens on a TCP port", ONE, "", "uds");
    refuse("the server stands at the root of its port", ONE, "", "root-path");
    refuse("use Quarkus's settings (quarkus.http.cors.*)", NONE, "", "allow-credentials");
    refuse("use Quarkus's settings (quarkus.http.cors.*)", ONE, "", "allowed-origins");
    refuse(
        "use Quarkus's settings (quarkus.http.cors.*)",
        ONE,
        "",
        "allowed-methods",
        "allowed-headers");
    refuse("traces are not sent", ONE, "", "otlp-traces-endpoint", "collect-detailed-traces");
  }

  private VllmFlags() {}

  /** All of them. */
  public static Collection<VllmFlag> all() {
    return BY_NAME.values();
  }

  /** The one of that name, or null. */
  static VllmFlag find(String name) {
    return BY_NAME.get(name);
  }

  private static void ignore(String why, VllmFlag.Values values, String... names) {
    for (String name : names) {
      BY_NAME.put(name, new VllmFlag(name, values, "", false, why));
    }
  }

  private static void refuse(String why, VllmFlag.Values values, String harmless, String... names) {
    for (String name : names) {
      BY_NAME.put(name, new VllmFlag(name, values, harmless, true, why));
    }
  }
}
