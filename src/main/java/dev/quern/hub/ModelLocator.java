package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds a model's files by name: built in, then a local folder, then the Hugging Face cache, then
 * the hub. A folder is a model when it holds {@code config.json}.
 */
public final class ModelLocator {
  static final String DEFAULT_REVISION = "main";

  private final Environment environment;
  private final HubOptions options;
  private final DownloadListener listener;

  ModelLocator(Environment environment, HubOptions options, DownloadListener listener) {
    this.environment = environment;
    this.options = options;
    this.listener = listener;
  }

  /**
   * Without progress and with the token that the environment gives.
   *
   * @param variables environment variables, usually {@link System#getenv()}: those that Hugging
   *     Face's own library reads
   */
  public static ModelLocator of(Map<String, String> variables) {
    return of(variables, null, DownloadListener.NONE);
  }

  /**
   * @param token access token, or null for the environment's
   * @param listener hears how downloads go
   * @throws HubException when a variable has a value that cannot be right
   */
  public static ModelLocator of(
      Map<String, String> variables, String token, DownloadListener listener) {
    Environment environment = Environment.ofSystem(variables);
    return new ModelLocator(environment, HubOptions.of(environment, token), listener);
  }

  /** Names of the models that ship with Quern. */
  public static Set<String> builtIn() {
    return BuiltInModels.names();
  }

  /** All files of {@code nameOrPath}; see {@link #locate(String, String, Set)}. */
  public ModelFiles locate(String nameOrPath, String revision) {
    return locate(nameOrPath, revision, EnumSet.allOf(Part.class));
  }

  /** As below, with weights under Hugging Face's names. */
  public ModelFiles locate(String nameOrPath, String revision, Set<Part> parts) {
    return locate(nameOrPath, revision, parts, WeightKind.HUGGING_FACE);
  }

  /**
   * The files of {@code nameOrPath}, of which at least the wanted parts are there. Parts may be
   * asked for one after the other: give the commit of the first answer as the revision of the next,
   * and they belong together.
   *
   * @param revision branch, tag or commit hash of a model of the hub; null for {@code main}. Local
   *     folders have none and ignore it.
   * @param kinds the formats of weights to look for; the first that is there counts
   * @throws HubException says why not, and lists the places that were looked at
   */
  public ModelFiles locate(
      String nameOrPath, String revision, Set<Part> parts, List<WeightKind> kinds) {
    if (nameOrPath == null || nameOrPath.isBlank())
      throw new HubException(Kind.INVALID, "no model is named");
    if (BuiltInModels.names().contains(nameOrPath))
      return new ModelFiles(nameOrPath, BuiltInModels.folder(nameOrPath, environment), null, true);
    Path path = localPath(nameOrPath);
    if (path != null && Files.exists(path)) return local(nameOrPath, path, parts);
    RepoId id = RepoId.parse(nameOrPath);
    if (id == null)
      throw new HubException(
          Kind.INVALID,
          lookedAt(
              nameOrPath,
              path,
              "it is not a repository of the hub either: " + RepoId.problem(nameOrPath)));
    return ofHub(id, path, revision == null ? DEFAULT_REVISION : revision, parts, kinds);
  }

  /** Fetches the newest commit of a revision, whatever is in the cache. */
  public ModelFiles pull(String name, String revision) {
    return pull(name, revision, _ -> WeightKind.HUGGING_FACE);
  }

  /**
   * The same.
   *
   * @param kinds says which weights to fetch, the first kind that is there, from the files of all
   *     other parts; it may throw to stop before any weight is fetched
   */
  public ModelFiles pull(
      String name, String revision, Function<ModelFiles, List<WeightKind>> kinds) {
    RepoId id = RepoId.parse(name);
    if (id == null)
      throw new HubException(
          Kind.INVALID, "'" + name + "' is not a repository of the hub: " + RepoId.problem(name));
    if (options.offline())
      throw new HubException(
          Kind.OFFLINE,
          "'%s' cannot be fetched, as HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set"
              .formatted(name));
    return download(
        id, revision == null ? DEFAULT_REVISION : revision, EnumSet.allOf(Part.class), kinds);
  }

  /** Whether these parts of a model of the hub are here. */
  public boolean isHere(ModelFiles files, Set<Part> parts, List<WeightKind> kinds) {
    return missing(files.folder(), parts, kinds) == null;
  }

  /** Root of the Hugging Face cache; it may not exist yet. */
  public Path cacheFolder() {
    return options.cache();
  }

  /** Deletes a model with all its revisions from the cache; false where it was not there. */
  public boolean remove(String name) {
    RepoId id = RepoId.parse(name);
    return id != null && new HubCache(options.cache()).delete(id);
  }

  /** Names of the models in the Hugging Face cache, sorted, whole or not. */
  public List<String> cachedNames() {
    return new HubCache(options.cache()).names();
  }

  /** The models in the Hugging Face cache, sorted by name, whole or not. */
  public List<CachedModel> cached() {
    return CachedModel.all(new HubCache(options.cache()));
  }

  private Path localPath(String text) {
    try {
      return text.startsWith("~/")
          ? environment.home().resolve(text.substring(2))
          : Path.of(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static ModelFiles local(String name, Path path, Set<Part> parts) {
    if (!Files.isDirectory(path))
      throw new HubException(
          Kind.LOCAL,
          path + " is a file; a model is a folder with " + WantedFiles.CONFIG + " and its weights");
    if (parts.contains(Part.CONFIG)
        && !Files.isRegularFile(path.resolve(WantedFiles.CONFIG))
        && !Files.isRegularFile(path.resolve(WantedFiles.PARAMS)))
      throw new HubException(
          Kind.LOCAL,
          path
              + " is not a model: it holds no "
              + WantedFiles.CONFIG
              + (RepoId.parse(name) == null
                  ? ""
                  : ". A folder of that name here hides the model of the hub; run from another"
                      + " folder to use that"));
    return new ModelFiles(name, path, null, false);
  }

  private ModelFiles ofHub(
      RepoId id, Path path, String revision, Set<Part> parts, List<WeightKind> kinds) {
    HubCache cache = new HubCache(options.cache());
    HubCache.Snapshot snapshot = cache.snapshot(id, revision);
    String lacks = snapshot == null ? null : missing(snapshot.folder(), parts, kinds);
    if (snapshot != null && lacks == null)
      return new ModelFiles(id.text(), snapshot.folder(), snapshot.commit(), false);
    String cacheText =
        snapshot != null
            ? snapshot.folder() + " is incomplete: it has no " + lacks
            : cacheLacks(cache, id, revision);
    if (options.offline())
      throw new HubException(
          Kind.OFFLINE,
          lookedAt(
              id.text(),
              path,
              "Hugging Face cache: " + cacheText,
              "the hub: not asked, as HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set"));
    try {
      return download(id, revision, parts, _ -> kinds);
    } catch (HubException e) {
      if (e.kind() != Kind.NOT_FOUND && e.kind() != Kind.NO_NETWORK && e.kind() != Kind.TIMEOUT)
        throw e;
      throw new HubException(
          e.kind(),
          lookedAt(
              id.text(), path, "Hugging Face cache: " + cacheText, "the hub: " + e.getMessage()),
          e);
    }
  }

  private ModelFiles download(
      RepoId id, String revision, Set<Part> parts, Function<ModelFiles, List<WeightKind>> kinds) {
    try (HubDownload download = new HubDownload(options, environment, listener)) {
      HubCache.Snapshot snapshot = download.fetch(id, revision, parts, kinds);
      return new ModelFiles(id.text(), snapshot.folder(), snapshot.commit(), false);
    }
  }

  /** What a snapshot lacks of the wanted parts, or null where it has all of them. */
  private static String missing(Path snapshot, Set<Part> parts, List<WeightKind> kinds) {
    Collection<String> names = HubCache.files(snapshot);
    if (parts.contains(Part.CONFIG)
        && !names.contains(WantedFiles.CONFIG)
        && !names.contains(WantedFiles.PARAMS)) return WantedFiles.CONFIG;
    if (parts.contains(Part.TOKENIZER) && !WantedFiles.hasVocabulary(names)) return "tokenizer";
    if (!parts.contains(Part.WEIGHTS)) return null;
    List<String> weights =
        WantedFiles.weights(names, kinds, index -> HubDownload.shards(snapshot, index));
    if (weights.isEmpty()) return "weights";
    for (String name : weights) if (!names.contains(name)) return name;
    return null;
  }

  private static String cacheLacks(HubCache cache, RepoId id, String revision) {
    if (!Files.isDirectory(cache.root())) return cache.root() + " does not exist";
    if (!Files.isDirectory(cache.repository(id))) return cache.repository(id) + " does not exist";
    return cache.repository(id) + " has no revision '" + revision + "'";
  }

  private static String lookedAt(String name, Path path, String... others) {
    StringBuilder text = new StringBuilder("model '" + name + "' was not found. Looked at:");
    text.append("\n  built-in models: ").append(String.join(", ", BuiltInModels.names()));
    text.append("\n  local folder: ")
        .append(path == null ? "'" + name + "' is not a path" : path + " does not exist");
    for (String other : others) text.append("\n  ").append(other);
    return text.toString();
  }
}
