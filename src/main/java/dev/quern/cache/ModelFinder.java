package dev.quern.cache;

import dev.quern.backend.DType;
import dev.quern.checkpoint.Checkpoint;
import dev.quern.checkpoint.LoadFormat;
import dev.quern.hub.DownloadListener;
import dev.quern.hub.ModelFiles;
import dev.quern.hub.ModelLocator;
import dev.quern.hub.Part;
import dev.quern.hub.ProgressBar;
import dev.quern.model.DTypes;
import dev.quern.model.ModelConfig;
import dev.quern.model.family.Description;
import dev.quern.model.family.Families;
import dev.quern.model.family.SpecOptions;
import dev.quern.settings.ModelSettings;
import dev.quern.settings.QuernConfig;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * From a name to a model that Quern runs and its files; what serving, pulling and listing share. A
 * model's config comes first, and nothing else is fetched of a model that cannot be run.
 */
public final class ModelFinder {
  private final QuernConfig config;
  private final ModelSettings settings;
  private final ModelLocator locator;

  private ModelFinder(QuernConfig config, ModelLocator locator) {
    this.config = config;
    this.settings = config.model();
    this.locator = locator;
  }

  /** Downloads what is not here, and shows how that goes on standard error. */
  public static ModelFinder of(QuernConfig config) {
    return of(config, System.getenv());
  }

  /** The same under other environment variables than the process's. */
  static ModelFinder of(QuernConfig config, Map<String, String> variables) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    return of(config, variables, new ProgressBar(System.err, terminal));
  }

  /** Knows what is on this machine; nothing is fetched. */
  public static ModelFinder offline(QuernConfig config) {
    Map<String, String> variables = new HashMap<>(System.getenv());
    variables.put("HF_HUB_OFFLINE", "1");
    return of(config, variables, DownloadListener.NONE);
  }

  private static ModelFinder of(
      QuernConfig config, Map<String, String> variables, DownloadListener listener) {
    Map<String, String> all = new HashMap<>(variables);
    config.model().downloadDir().ifPresent(folder -> all.put("HF_HUB_CACHE", folder));
    return new ModelFinder(
        config, ModelLocator.of(all, config.model().hfToken().orElse(null), listener));
  }

  /** Where files are found and fetched. */
  public ModelLocator locator() {
    return locator;
  }

  /**
   * The model that the settings name, with all files that a run of it reads.
   *
   * @throws dev.quern.hub.HubException when its files cannot be had
   * @throws dev.quern.model.ModelConfigException when it cannot be run
   */
  FoundModel find() {
    FoundModel model = look(settings.name());
    String revision = settings.revision().orElse(null);
    // The commit keeps its files together.
    String commit = model.files().commit() == null ? revision : model.files().commit();
    return model.at(
        locator.locate(
            settings.name(), commit, parts(model.format()), ModelFormats.kinds(model.format())));
  }

  /** A model of that name, of which no more than the config is fetched. */
  public FoundModel look(String name) {
    String revision = settings.revision().orElse(null);
    return describe(locator.locate(name, revision, EnumSet.of(Part.CONFIG)));
  }

  /** The same of files that are here. */
  public FoundModel look(ModelFiles files) {
    return describe(files);
  }

  /** Whether all files of a model of the hub are here, its tokenizer included. */
  public boolean isComplete(FoundModel model) {
    ModelFiles files = model.files();
    if (files.commit() == null) return true;
    return locator.isHere(
        files, EnumSet.of(Part.TOKENIZER, Part.WEIGHTS), ModelFormats.kinds(model.format()));
  }

  /**
   * Fetches the newest commit of the settings' revision of a model, unless it cannot be run.
   *
   * @throws dev.quern.model.ModelConfigException when it cannot be run
   */
  public FoundModel pull(String name) {
    FoundModel[] found = new FoundModel[1];
    ModelFiles files =
        locator.pull(
            name,
            settings.revision().orElse(null),
            config -> {
              found[0] = describe(config);
              return ModelFormats.kinds(found[0].format());
            });
    return found[0].at(files);
  }

  private FoundModel describe(ModelFiles files) {
    Path folder =
        settings
            .hfConfigPath()
            .map(p -> locator.locate(p, null, EnumSet.of(Part.CONFIG)).folder())
            .orElse(files.folder());
    ModelFormats formats = ModelFormats.of(settings, files, folder);
    String overrides = settings.hfOverrides().orElse(null);
    ModelConfig config =
        formats.mistralConfig()
            ? ModelConfig.readMistral(folder, overrides)
            : ModelConfig.read(folder, overrides);
    return new FoundModel(
        files, config, describe(config, formats.weights(), null), formats.weights());
  }

  private Description describe(ModelConfig config, LoadFormat format, DType stored) {
    SpecOptions options =
        new SpecOptions(settings.dtype(), stored, Math.max(0, settings.maxModelLen().orElse(0)));
    return format == LoadFormat.MISTRAL
        ? Families.describeConsolidated(config, options)
        : Families.describe(config, options);
  }

  /** The same model in the type of its weights, where its config names none. */
  FoundModel withTypeOf(FoundModel model, Checkpoint checkpoint) {
    if (DTypes.named(model.config()) || !(checkpoint instanceof Checkpoint.Stored stored))
      return model;
    Description description = describe(model.config(), model.format(), stored.commonType());
    return new FoundModel(model.files(), model.config(), description, model.format());
  }

  /** The files that this run reads. */
  private Set<Part> parts(LoadFormat format) {
    Set<Part> parts = EnumSet.of(Part.CONFIG);
    boolean dummy = format == LoadFormat.DUMMY;
    boolean ownTokenizer = TextFiles.areTheModels(config);
    if (!dummy) parts.add(Part.WEIGHTS);
    if (ownTokenizer) parts.add(Part.TOKENIZER);
    if (!dummy || ownTokenizer) parts.add(Part.GENERATION_CONFIG);
    return parts;
  }
}
