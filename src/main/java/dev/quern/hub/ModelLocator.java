package dev.quern.hub;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds a model's files by name: built in, then a local folder, then the Hugging Face cache. A
 * folder is a model when it holds {@code config.json}.
 */
public final class ModelLocator {
  private static final String CONFIG = "config.json";
  private static final String DEFAULT_REVISION = "main";

  private final Environment environment;

  ModelLocator(Environment environment) {
    this.environment = environment;
  }

  /**
   * @param variables environment variables, usually {@link System#getenv()}; {@code HF_HUB_CACHE},
   *     {@code HF_HOME} and {@code XDG_CACHE_HOME} are read
   */
  public static ModelLocator of(Map<String, String> variables) {
    return new ModelLocator(Environment.ofSystem(variables));
  }

  /** Names of the models that ship with Quern. */
  public static Set<String> builtIn() {
    return BuiltInModels.names();
  }

  /** Names of the models in the Hugging Face cache, sorted, whole or not. */
  public List<String> cachedNames() {
    return new HubCache(environment.hubCache()).names();
  }

  /**
   * The files of {@code nameOrPath}.
   *
   * @param revision branch, tag or commit hash of a model of the hub; null for {@code main}. Local
   *     folders have none and ignore it.
   * @throws HubException lists every place that was looked at
   */
  public ModelFiles locate(String nameOrPath, String revision) {
    if (nameOrPath == null || nameOrPath.isBlank()) throw new HubException("no model is named");
    if (BuiltInModels.names().contains(nameOrPath))
      return new ModelFiles(nameOrPath, BuiltInModels.folder(nameOrPath, environment), null, true);
    Path path = localPath(nameOrPath);
    if (path != null && Files.exists(path)) return local(nameOrPath, path);
    return cached(nameOrPath, path, revision == null ? DEFAULT_REVISION : revision);
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

  private static ModelFiles local(String name, Path path) {
    if (!Files.isDirectory(path))
      throw new HubException(
          path + " is a file; a model is a folder with " + CONFIG + " and its weights");
    if (!Files.isRegularFile(path.resolve(CONFIG)))
      throw new HubException(
          path
              + " is not a model: it holds no "
              + CONFIG
              + (RepoId.parse(name) == null
                  ? ""
                  : ". A folder of that name here hides the model of the hub; run from another"
                      + " folder to use that"));
    return new ModelFiles(name, path, null, false);
  }

  private ModelFiles cached(String name, Path path, String revision) {
    RepoId id = RepoId.parse(name);
    HubCache cache = new HubCache(environment.hubCache());
    HubCache.Snapshot snapshot = id == null ? null : cache.snapshot(id, revision);
    if (snapshot == null) throw notFound(name, path, id, cache, revision);
    if (!Files.isRegularFile(snapshot.folder().resolve(CONFIG)))
      throw new HubException(
          "%s (revision %s) is only partly in the cache: %s holds no %s"
              .formatted(name, revision, snapshot.folder(), CONFIG));
    return new ModelFiles(name, snapshot.folder(), snapshot.commit(), false);
  }

  private static HubException notFound(
      String name, Path path, RepoId id, HubCache cache, String revision) {
    StringBuilder text = new StringBuilder("model '" + name + "' was not found. Looked at:");
    text.append("\n  built-in models: ").append(String.join(", ", BuiltInModels.names()));
    text.append("\n  local folder: ")
        .append(path == null ? "'" + name + "' is not a path" : path + " does not exist");
    text.append("\n  Hugging Face cache: ");
    if (id == null) {
      text.append("'").append(name).append("' is not a repository id: ");
      text.append(RepoId.problem(name));
    } else if (!Files.isDirectory(cache.root())) {
      text.append(cache.root()).append(" does not exist");
    } else if (!Files.isDirectory(cache.repository(id))) {
      text.append(cache.repository(id)).append(" does not exist");
    } else {
      text.append(cache.repository(id)).append(" has no revision '").append(revision).append("'");
    }
    return new HubException(text.toString());
  }
}
