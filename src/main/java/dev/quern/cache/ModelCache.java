package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.CheckpointException;
import dev.quern.checkpoint.LoadFormat;
import dev.quern.checkpoint.StoredTensor;
import dev.quern.engine.Generator;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.ServedModel;
import dev.quern.hub.HubException;
import dev.quern.hub.ModelFiles;
import dev.quern.model.GenerationDefaults;
import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import dev.quern.model.family.Description;
import dev.quern.settings.EngineSettings;
import dev.quern.settings.QuernConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Builds engines from names: files → spec → weights → engine. */
public final class ModelCache {
  private ModelCache() {}

  /**
   * Loads the model that the configuration names and starts its engine.
   *
   * @param ownPages dummy weights get pages of their own, so that timing means something; else they
   *     share some and cost no memory
   * @throws LoadException says what is wrong with the name, the files or the memory
   */
  public static LoadedModel load(QuernConfig config, boolean ownPages) {
    return load(config, ownPages, System.getenv());
  }

  /** The same under other environment variables than the process's. */
  static LoadedModel load(QuernConfig config, boolean ownPages, Map<String, String> variables) {
    try {
      return build(config, ownPages, ModelFinder.of(config, variables));
    } catch (HubException | ModelConfigException | CheckpointException e) {
      throw new LoadException(e.getMessage(), e);
    }
  }

  /**
   * The files that the model's weights are read from; none of dummy weights.
   *
   * @throws LoadException says what is wrong with the name or the files
   */
  public static List<Path> weightFiles(QuernConfig config) {
    try {
      FoundModel model = ModelFinder.of(config).find();
      return files(Checkpoint.open(model.files().folder(), model.format()));
    } catch (HubException | ModelConfigException | CheckpointException e) {
      throw new LoadException(e.getMessage(), e);
    }
  }

  private static List<Path> files(Checkpoint checkpoint) {
    return checkpoint instanceof Checkpoint.Stored stored
        ? stored.tensors().values().stream().map(StoredTensor::file).distinct().toList()
        : List.of();
  }

  private static LoadedModel build(QuernConfig config, boolean ownPages, ModelFinder finder) {
    TextFiles.mode(config);
    Devices.prepare(config);
    FoundModel model = finder.find();
    CompletableFuture<TextFiles> tokenizer =
        TextFiles.open(config, finder.locator(), model.files());
    try {
      Checkpoint checkpoint =
          model.format() == LoadFormat.DUMMY
              ? new Checkpoint.Dummy(config.engine().seed(), !ownPages)
              : Checkpoint.open(model.files().folder(), model.format());
      return build(config, finder.withTypeOf(model, checkpoint), checkpoint, tokenizer);
    } catch (RuntimeException | Error e) {
      tokenizer.thenAccept(
          text -> {
            if (text.tokenizer() != null) {
              text.tokenizer().close();
            }
          });
      throw e;
    }
  }

  private static LoadedModel build(
      QuernConfig config,
      FoundModel found,
      Checkpoint checkpoint,
      CompletableFuture<TextFiles> tokenizer) {
    Description model = found.description();
    List<String> summary = new ArrayList<>();
    Replicas replicas = new Replicas(Devices.open(config, model.spec().dtype(), summary));
    List<Backend> backends = replicas.backends();
    try {
      Backend first = backends.getFirst();
      boolean onCpu = first instanceof CpuBackend;
      boolean free = checkpoint instanceof Checkpoint.Dummy dummy && dummy.sharedPages() && onCpu;
      MemoryPlan memory = MemoryPlan.of(config, model.spec(), model.weights(), backends, free);
      EngineSettings settings = memory.settings();
      replicas.load(model, checkpoint, settings);
      GenerationDefaults defaults = defaults(config, found.files(), found.config());
      TextFiles text = TextFiles.of(tokenizer);
      Generator engine = replicas.start(text.tokenizer(), defaults.eosTokenIds());
      summary.addFirst(
          "model: %s (%s%s, %s) on %s"
              .formatted(
                  config.model().name(),
                  found.config().present("auto_map") ? "Quern's own " : "",
                  model.spec().architecture(),
                  model.spec().dtype().torchName(),
                  String.join(", ", backends.stream().map(Backend::description).toList())));
      summary.add(replicas.weights().report().summary());
      summary.addAll(memory.table());
      ServedModel served =
          new ServedModel(
              config.model().servedNames(),
              config.model().name(),
              engine,
              text.tokenizer(),
              text.templates(),
              sampling(defaults),
              settings.maxModelLen(),
              () -> {
                replicas.close();
                if (text.tokenizer() != null) {
                  text.tokenizer().close();
                }
              });
      return new LoadedModel(
          served,
          model.spec(),
          replicas.weights().report(),
          List.copyOf(summary),
          engine,
          List.copyOf(backends),
          new ModelIdentity(
                  config,
                  found.files().commit(),
                  found.config(),
                  files(checkpoint),
                  model.spec().dtype(),
                  onCpu,
                  defaults,
                  text,
                  settings)
              .once());
    } catch (RuntimeException | Error e) {
      replicas.close();
      throw e;
    }
  }

  private static GenerationDefaults defaults(
      QuernConfig config, ModelFiles files, ModelConfig modelConfig) {
    return GenerationDefaults.choose(
        config.model().generationConfig(),
        files.folder(),
        modelConfig,
        config.model().overrideGenerationConfig().orElse(null));
  }

  private static SamplingDefaults sampling(GenerationDefaults d) {
    return new SamplingDefaults(
        toFloat(d.repetitionPenalty()),
        toFloat(d.temperature()),
        d.topK(),
        toFloat(d.topP()),
        toFloat(d.minP()),
        d.maxNewTokens());
  }

  private static Float toFloat(Double value) {
    return value == null ? null : value.floatValue();
  }
}
