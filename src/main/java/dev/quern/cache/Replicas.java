package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.KvCache;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.LoadedWeights;
import dev.quern.checkpoint.WeightLoader;
import dev.quern.engine.Engine;
import dev.quern.engine.EngineGroup;
import dev.quern.engine.ForwardModel;
import dev.quern.engine.Generator;
import dev.quern.model.DecoderModel;
import dev.quern.model.MemoryNeeds;
import dev.quern.model.family.Description;
import dev.quern.settings.EngineSettings;
import dev.quern.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A model on each of its devices: weights, KV cache, and the engine over them. GPUs load at the
 * same time, each its own copy; shares of a CPU read one.
 */
final class Replicas implements AutoCloseable {
  private final List<Backend> backends;
  private final List<KvCache> caches = new ArrayList<>();
  private final List<EngineGroup.Member> members = new ArrayList<>();
  private LoadedWeights weights;
  private EngineSettings settings;
  private Engine engine;
  private EngineGroup group;

  /** Owns the backends from now on. */
  Replicas(List<Backend> backends) {
    this.backends = backends;
  }

  List<Backend> backends() {
    return backends;
  }

  /** What loading took, on the first device. */
  LoadedWeights weights() {
    return weights;
  }

  void load(Description model, Checkpoint checkpoint, EngineSettings engineSettings) {
    settings = engineSettings;
    boolean shared = backends.getFirst() instanceof CpuBackend;
    List<CompletableFuture<LoadedWeights>> others = new ArrayList<>();
    for (Backend backend : backends.subList(1, backends.size())) {
      others.add(
          shared
              ? null
              : CompletableFuture.supplyAsync(
                  () -> weights(model, checkpoint, backend),
                  task -> Thread.ofPlatform().name("quern-load").daemon().start(task)));
    }
    try {
      weights = weights(model, checkpoint, backends.getFirst());
    } finally {
      for (CompletableFuture<LoadedWeights> other : others) {
        if (other != null) {
          other.handle((done, failed) -> null).join();
        }
      }
    }
    for (int i = 0; i < backends.size(); i++) {
      CompletableFuture<LoadedWeights> other = i == 0 ? null : others.get(i - 1);
      members.add(member(model, other == null ? weights : result(other), backends.get(i)));
    }
  }

  private static LoadedWeights weights(Description model, Checkpoint checkpoint, Backend backend) {
    return WeightLoader.loadAndReport(model.weights(), checkpoint, model.spec(), backend);
  }

  private static LoadedWeights result(CompletableFuture<LoadedWeights> other) {
    try {
      return other.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private EngineGroup.Member member(Description model, LoadedWeights loaded, Backend backend) {
    DecoderModel bound =
        DecoderModel.bind(model.spec(), loaded.weights(), backend, Engine.batchLimits(settings));
    KvCache kv =
        backend.kvCache(
            MemoryNeeds.kvLayout(model.spec(), settings.blockTokens(), backend.activationType()),
            settings.kvBlocks());
    caches.add(kv);
    return new EngineGroup.Member(ForwardModel.of(bound, kv), backend);
  }

  /** Starts the engine, or one each behind one queue. */
  Generator start(Tokenizer tokenizer, int[] eosTokenIds) {
    if (members.size() == 1) {
      EngineGroup.Member one = members.getFirst();
      engine = new Engine(settings, one.model(), one.backend(), tokenizer, eosTokenIds);
      return engine;
    }
    group = new EngineGroup(settings, members, tokenizer, eosTokenIds);
    return group;
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
    }
    if (group != null) {
      group.close();
    }
    caches.forEach(KvCache::close);
    // The first last: its weights may be the others' too.
    backends.reversed().forEach(Backend::close);
  }
}
