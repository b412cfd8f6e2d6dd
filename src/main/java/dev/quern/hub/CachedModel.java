package dev.quern.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of the cache.
 *
 * @param name its repository
 * @param commit what {@code main} stands for, or the only commit that is here; null where neither
 * @param folder the snapshot of that commit, or null
 * @param bytes on disk, of all its revisions
 */
public record CachedModel(String name, String commit, Path folder, long bytes) {
  /** Those of a cache, sorted by name, whole or not. */
  static List<CachedModel> all(HubCache cache) {
    List<CachedModel> models = new ArrayList<>();
    for (String name : cache.names()) {
      RepoId id = RepoId.parse(name);
      HubCache.Snapshot snapshot = cache.snapshot(id, ModelLocator.DEFAULT_REVISION);
      if (snapshot == null) snapshot = onlySnapshot(cache.repository(id).resolve("snapshots"));
      models.add(
          new CachedModel(
              name,
              snapshot == null ? null : snapshot.commit(),
              snapshot == null ? null : snapshot.folder(),
              cache.bytes(id)));
    }
    return models;
  }

  private static HubCache.Snapshot onlySnapshot(Path snapshots) {
    if (!Files.isDirectory(snapshots)) return null;
    try (var folders = Files.list(snapshots)) {
      List<Path> all = folders.toList();
      return all.size() == 1
          ? new HubCache.Snapshot(all.getFirst().getFileName().toString(), all.getFirst())
          : null;
    } catch (IOException e) {
      throw new HubException(HubException.Kind.LOCAL, snapshots + ": " + e.getMessage(), e);
    }
  }
}
