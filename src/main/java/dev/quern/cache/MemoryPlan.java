package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.BatchLimits;
import dev.quern.engine.Engine;
import dev.quern.engine.KvPlan;
import dev.quern.model.MemoryNeeds;
import dev.quern.model.ModelSpec;
import dev.quern.model.WeightPlan;
import dev.quern.settings.EngineSettings;
import dev.quern.settings.QuernConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * An engine's numbers and what they take of the device's memory, by arithmetic before anything is
 * allocated.
 *
 * @param settings every "auto" resolved
 * @param usableBytes the share of what is free that may be used
 * @param weightBytes 0 for dummy weights on shared pages
 * @param workspaceBytes activations, logits and tables of the largest step
 * @param ownBytes what the backend takes beside these: sampling, staging of inputs, scratch
 * @param engines that run the model, each with these numbers
 */
record MemoryPlan(
    EngineSettings settings,
    long freeBytes,
    long usableBytes,
    long weightBytes,
    long workspaceBytes,
    long ownBytes,
    long kvBytes,
    int engines) {
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
      List<Backend> backends,
      boolean weightsCostNothing) {
    Backend backend = backends.getFirst();
    int context = spec.contextTokens();
    OptionalInt asked = config.model().maxModelLen();
    boolean longest = asked.isPresent() && asked.getAsInt() == -1;
    boolean gpu = backend.lookAhead() > 0;
    // All engines have the same numbers: those of the device with the least memory. Shares of a
    // CPU have one memory, and one copy of the weights in it.
    int shares = gpu ? 1 : backends.size();
    long free = backend.freeBytes();
    if (gpu) {
      for (Backend other : backends) {
        free = Math.min(free, other.freeBytes());
      }
    }
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
    long workspace = needs.tableBytes() + needs.workspaceBytes();
    long own = own(backend, spec, bounds, 0);
    long rest = (budget - weights) / shares - workspace - own;
    if (rest > 0) {
      // The histories of all sequences are no longer than the cache.
      long kvTokens = rest / needs.kv().blockBytes() * needs.kv().blockTokens();
      long ofHistories = own(backend, spec, bounds, kvTokens) - own;
      own += ofHistories;
      rest -= ofHistories;
    }
    if (rest <= 0) {
      throw new LoadException(
          "the model does not fit: weights take %s and workspace %s, and %s of %s free may be used; lower --max-num-seqs or --max-num-batched-tokens, raise --gpu-memory-utilization, or choose a smaller --dtype"
              .formatted(gib(weights), gib(shares * (workspace + own)), gib(budget), gib(free)),
          null);
    }
    long kvBytes =
        config
            .device()
            .kvCacheMemoryBytes()
            .orElse(gpu ? rest : Math.min(CPU_KV_BYTES / shares, rest));
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
        budget,
        weights,
        workspace,
        own,
        kv.kvBytes(),
        backends.size());
  }

  private static long own(Backend backend, ModelSpec spec, EngineSettings bounds, long kvTokens) {
    BatchLimits limits = Engine.batchLimits(bounds);
    return backend.ownBytes(
        limits, MemoryNeeds.logitRows(spec, limits), spec.vocabularySize(), kvTokens);
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

  /** A table for the log. */
  List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add(engines == 1 ? "memory:" : "memory of each of %d engines:".formatted(engines));
    lines.add(row("free", freeBytes, ""));
    lines.add(row("of it may be used", usableBytes, ""));
    lines.add(row("weights", weightBytes, ""));
    lines.add(row("workspace, up to", workspaceBytes, ""));
    if (ownBytes > 0) {
      lines.add(row("sampling and inputs", ownBytes, ""));
    }
    lines.add(
        row(
            "KV cache, up to",
            kvBytes,
            " (%,d blocks of %d tokens)".formatted(settings.kvBlocks(), settings.blockTokens())));
    return lines;
  }

  private static String row(String what, long bytes, String more) {
    return "  %-20s %11s%s".formatted(what, gib(bytes), more);
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1 << 30));
  }
}
