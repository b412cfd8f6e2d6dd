package dev.quern.cli;

import dev.quern.cache.ModelCache;
import dev.quern.files.ColdReads;
import dev.quern.files.DiskRate;
import dev.quern.files.PageCache;
import dev.quern.settings.QuernConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A model's weight files, taken out of the page cache before each load. */
final class ColdFiles {
  /** More gain nothing on disks that were measured. */
  private static final int THREADS = 12;

  private final List<Path> paths;

  private ColdFiles(List<Path> paths) {
    this.paths = paths;
  }

  static ColdFiles of(QuernConfig config) {
    List<Path> paths = ModelCache.weightFiles(config);
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("--cold reads weights of files, and this model has none");
    }
    return new ColdFiles(paths);
  }

  /**
   * Takes them out.
   *
   * @return for a person: how much of them is still there
   */
  String drop() throws IOException {
    // Mappings of a model that is closed live until they are collected, and keep their pages.
    System.gc();
    long bytes = 0;
    long residentBytes = 0;
    for (Path path : paths) {
      PageCache.drop(path);
      bytes += Files.size(path);
      residentBytes += PageCache.residentBytes(path);
    }
    return String.format(
        Locale.ROOT,
        "%.3f of %.3f GB were in the page cache before",
        residentBytes / 1e9,
        bytes / 1e9);
  }

  /** How fast they come in when nothing is done with them. */
  DiskRate rate() throws IOException {
    drop();
    return DiskRate.measure(paths, THREADS, ColdReads.DIRECT);
  }
}
