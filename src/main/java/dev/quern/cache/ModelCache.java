package dev.quern.cache;

import dev.quern.backend.Backend;
import dev.quern.backend.DType;
import dev.quern.backend.KvCache;
import dev.quern.backend.cpu.CpuBackend;
import dev.quern.backend.cuda.CudaBackend;
import dev.quern.backend.cuda.CudaProbe;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.CheckpointException;
import dev.quern.checkpoint.LoadFormat;
import dev.quern.checkpoint.LoadedWeights;
import dev.quern.checkpoint.WeightLoader;
import dev.quern.engine.Engine;
import dev.quern.engine.ForwardModel;
import dev.quern.engine.SamplingDefaults;
import dev.quern.engine.ServedModel;
import dev.quern.hub.HubException;
import dev.quern.hub.ModelFiles;
import dev.quern.hub.ModelLocator;
import dev.quern.hub.Part;
import dev.quern.hub.ProgressBar;
import dev.quern.model.DTypes;
import dev.quern.model.DecoderModel;
import dev.quern.model.GenerationDefaults;
import dev.quern.model.MemoryNeeds;
import dev.quern.model.ModelConfig;
import dev.quern.model.ModelConfigException;
import dev.quern.model.ModelSpec;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import dev.quern.settings.EngineSettings;
import dev.quern.settings.QuernConfig;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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
    try {
      return build(config, ownPages);
    } catch (HubException | ModelConfigException | CheckpointException e) {
      throw new LoadException(e.getMessage(), e);
    }
  }

  private static LoadedModel build(QuernConfig config, boolean ownPages) {
    TextFiles.mode(config);
    ModelLocator locator = locator(config);
    String revision = config.model().revision().orElse(null);
    ModelFiles found = locator.locate(config.model().name(), revision, EnumSet.of(Part.CONFIG));
    Path configFolder =
        config
            .model()
            .hfConfigPath()
            .map(p -> locator.locate(p, null, EnumSet.of(Part.CONFIG)).folder())
            .orElse(found.folder());
    ModelConfig modelConfig =
        ModelConfig.read(configFolder, config.model().hfOverrides().orElse(null));
    Description model = describe(config, modelConfig, null);
    // Only a model that can be run is worth fetching; the commit keeps its files together.
    String commit = found.commit() == null ? revision : found.commit();
    ModelFiles files = locator.locate(config.model().name(), commit, parts(config));
    CompletableFuture<TextFiles> tokenizer = TextFiles.open(config, locator, files);
    try {
      return build(config, ownPages, files, modelConfig, model, tokenizer);
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
      boolean ownPages,
      ModelFiles files,
      ModelConfig modelConfig,
      Description planned,
      CompletableFuture<TextFiles> tokenizer) {
    LoadFormat format = LoadFormat.parse(config.model().loadFormat());
    Checkpoint checkpoint =
        format == LoadFormat.DUMMY
            ? new Checkpoint.Dummy(config.engine().seed(), !ownPages)
            : Checkpoint.open(files.folder(), format);
    Description model =
        checkpoint instanceof Checkpoint.Stored stored && !DTypes.named(modelConfig)
            ? describe(config, modelConfig, stored.commonType())
            : planned;
    Backend backend = backend(config, model.spec());
    try {
      boolean free =
          checkpoint instanceof Checkpoint.Dummy dummy
              && dummy.sharedPages()
              && backend instanceof CpuBackend;
      MemoryPlan memory = MemoryPlan.of(config, model.spec(), model.weights(), backend, free);
      EngineSettings settings = memory.settings();
      LoadedWeights weights =
          WeightLoader.loadAndReport(model.weights(), checkpoint, model.spec(), backend);
      DecoderModel bound =
          DecoderModel.bind(model.spec(), weights.weights(), backend, Engine.batchLimits(settings));
      KvCache kv =
          backend.kvCache(
              MemoryNeeds.kvLayout(model.spec(), settings.blockTokens(), backend.activationType()),
              settings.kvBlocks());
      GenerationDefaults defaults = defaults(config, files, modelConfig);
      TextFiles text = TextFiles.of(tokenizer);
      Engine engine =
          new Engine(
              settings,
              ForwardModel.of(bound, kv),
              backend,
              text.tokenizer(),
              defaults.eosTokenIds());
      List<String> summary =
          List.of(
              "model: %s (%s%s, %s) on %s"
                  .formatted(
                      config.model().name(),
                      modelConfig.present("auto_map") ? "Quern's own " : "",
                      model.spec().architecture(),
                      model.spec().dtype().torchName(),
                      backend.description()),
              weights.report().summary(),
              memory.summary());
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
                engine.close();
                kv.close();
                backend.close();
                if (text.tokenizer() != null) {
                  text.tokenizer().close();
                }
              });
      return new LoadedModel(
          served,
          model.spec(),
          weights.report(),
          summary,
          engine,
          backend.description(),
          backend.activationType(),
          ModelIdentity.of(
              config,
              files,
              model.spec().dtype().torchName(),
              backend instanceof CpuBackend ? "cpu" : "cuda",
              settings));
    } catch (RuntimeException | Error e) {
      backend.close();
      throw e;
    }
  }

  /**
   * @param stored type of the checkpoint's tensors, for a config that names none; null before they
   *     are there
   */
  private static Description describe(QuernConfig config, ModelConfig modelConfig, DType stored) {
    int maxModelLen = Math.max(0, config.model().maxModelLen().orElse(0));
    return Families.describe(
        modelConfig, new SpecOptions(config.model().dtype(), stored, maxModelLen));
  }

  /** The files that this run reads. */
  private static Set<Part> parts(QuernConfig config) {
    Set<Part> parts = EnumSet.of(Part.CONFIG);
    boolean dummy = LoadFormat.parse(config.model().loadFormat()) == LoadFormat.DUMMY;
    boolean ownTokenizer = TextFiles.areTheModels(config);
    if (!dummy) parts.add(Part.WEIGHTS);
    if (ownTokenizer) parts.add(Part.TOKENIZER);
    if (!dummy || ownTokenizer) parts.add(Part.GENERATION_CONFIG);
    return parts;
  }

  private static ModelLocator locator(QuernConfig config) {
    var variables = new java.util.HashMap<>(System.getenv());
    config.model().downloadDir().ifPresent(folder -> variables.put("HF_HUB_CACHE", folder));
    boolean terminal = System.console() != null && System.console().isTerminal();
    return ModelLocator.of(
        variables, config.model().hfToken().orElse(null), new ProgressBar(System.err, terminal));
  }

  private static Backend backend(QuernConfig config, ModelSpec spec) {
    String wanted = config.device().device();
    if (!wanted.equals("cpu")) {
      switch (CudaProbe.get()) {
        case CudaProbe.Available available -> {
          return CudaBackend.open(0, spec.dtype());
        }
        case CudaProbe.Unavailable(String reason) -> {
          if (wanted.equals("cuda")) {
            throw new LoadException("--device cuda cannot be had: " + reason, null);
          }
          System.getLogger(ModelCache.class.getName())
              .log(System.Logger.Level.DEBUG, "CUDA is not used: " + reason);
        }
      }
    }
    return CpuBackend.create(config.device().threads());
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
