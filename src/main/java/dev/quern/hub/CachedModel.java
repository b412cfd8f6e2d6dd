package dev.quern.hub;

import java.nio.file.Path;

/**
 * A model of the cache.
 *
 * @param name its repository
 * @param commit what {@code main} stands for, or the only commit that is here; null where neither
 * @param folder the snapshot of that commit, or null
 * @param bytes on disk, of all its revisions
 */
public record CachedModel(String name, String commit, Path folder, long bytes) {}
