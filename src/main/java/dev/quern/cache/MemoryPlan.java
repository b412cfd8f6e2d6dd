package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.engine.Engine;
import dev.quern.engine.KvPlan;
import dev.quern.model.MemoryNeeds;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightPlan;
import dev.quern.settings.EngineSettings;
import dev.quern.settings.QuernConfig;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * An engine's numbers and what they take of the device's memory, by arithmetic before anything is
 * allocated.
 *
 * @param settings every "auto" resolved
 * @param weightBytes 0 for dummy weights on shared pages
 */
record MemoryPlan(
    EngineSettings settings, long freeBytes, long weightBytes, long workspaceBytes, long kvBytes) {
  // vLLM's server on a CPU, on a GPU, and on one of 70 GiB or more.
  private static final int CPU_MAX_SEQS = 128;
  private static final int CPU_MAX_BATCHED_TOKENS = 2048;
  private static final int GPU_MAX_SEQS = 256;
  private static final int LARGE_GPU_MAX_SEQS = 1024;
  private static final int LARGE_GPU_MAX_BATCHED_TOKENS = 8192;
  private static final long LARGE_GPU_BYTES = 70L << 30;

  /** vLLM's VLLM_CPU_KVCACHE_SPACE: more would take memory that a machine's other work needs. */
  private static final long CPU_KV_BYTES = 4L << 30;

  static MemoryPlan of(
      QuernConfig config,
      ModelSpec spec,
      WeightPlan plan,
      Backend backend,
      boolean weightsCostNothing) {
    int context = spec.contextTokens();
    OptionalInt asked = config.model().maxModelLen();
    boolean longest = asked.isPresent() && asked.getAsInt() == -1;
    long free = backend.freeBytes();
    boolean gpu = backend.lookAhead() > 0;
    boolean large = gpu && free >= LARGE_GPU_BYTES;
    int maxSeqs =
        config
            .engine()
            .maxNumSeqs()
            .orElse(large ? LARGE_GPU_MAX_SEQS : gpu ? GPU_MAX_SEQS : CPU_MAX_SEQS);
    int defaultTokens = large ? LARGE_GPU_MAX_BATCHED_TOKENS : CPU_MAX_BATCHED_TOKENS;
    int maxTokens = config.engine().maxNumBatchedTokens().orElse(Math.max(defaultTokens, maxSeqs));
    if (maxTokens < maxSeqs) {
      throw new LoadException(
          "max_num_batched_tokens (%d) must be at least max_num_seqs (%d)"
              .formatted(maxTokens, maxSeqs),
          null);
    }
    if (!config.engine().enableChunkedPrefill() && maxTokens < context) {
      throw new LoadException(
          "max_num_batched_tokens (%d) must be at least max_model_len (%d) without chunked prefill"
              .formatted(maxTokens, context),
          null);
    }
    maxTokens = (int) Math.min(maxTokens, (long) maxSeqs * context);
    EngineSettings bounds = settings(config, backend, context, maxSeqs, maxTokens, 0);
    MemoryNeeds needs =
        MemoryNeeds.of(
            spec,
            plan,
            Engine.batchLimits(bounds),
            config.engine().blockSize(),
            backend.activationType());

    long weights = weightsCostNothing ? 0 : needs.weightBytes();
    long budget = (long) (free * config.device().gpuMemoryUtilization());
    long rest = budget - weights - needs.tableBytes() - needs.workspaceBytes();
    if (rest <= 0) {
      throw new LoadException(
          "the model does not fit: weights take %s and workspace %s, and %s of %s free may be used; lower --max-num-seqs or --max-num-batched-tokens, raise --gpu-memory-utilization, or choose a smaller --dtype"
              .formatted(
                  gib(weights),
                  gib(needs.tableBytes() + needs.workspaceBytes()),
                  gib(budget),
                  gib(free)),
          null);
    }
    long kvBytes =
        config.device().kvCacheMemoryBytes().orElse(gpu ? rest : Math.min(CPU_KV_BYTES, rest));
    KvPlan kv;
    try {
      kv =
          longest
              ? KvPlan.fitLongest(needs.kv(), kvBytes, context, maxSeqs)
              : KvPlan.fit(needs.kv(), kvBytes, context, maxSeqs);
    } catch (IllegalArgumentException e) {
      throw new LoadException(e.getMessage(), e);
    }
    return new MemoryPlan(
        settings(config, backend, kv.maxModelLen(), maxSeqs, maxTokens, kv.blocks()),
        free,
        weights,
        needs.tableBytes() + needs.workspaceBytes(),
        kv.kvBytes());
  }

  private static EngineSettings settings(
      QuernConfig config,
      Backend backend,
      int maxModelLen,
      int maxSeqs,
      int maxTokens,
      int blocks) {
    return new EngineSettings(
        maxModelLen,
        maxSeqs,
        maxTokens,
        config.engine().blockSize(),
        blocks,
        config.engine().enablePrefixCaching(),
        config.engine().enableChunkedPrefill(),
        backend.lookAhead(),
        config.engine().maxLogprobs(),
        config.engine().maxNumQueuedReqs(),
        config.engine().seed());
  }

  /** One line for the log. */
  String summary() {
    return "memory: %s free, weights %s, workspace up to %s, KV cache up to %s (%d blocks of %d tokens)"
        .formatted(
            gib(freeBytes),
            gib(weightBytes),
            gib(workspaceBytes),
            gib(kvBytes),
            settings.kvBlocks(),
            settings.blockTokens());
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
  }
}
