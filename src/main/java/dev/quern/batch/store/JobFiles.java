package dev.quern.batch.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * An output and what stands beside it, in the folder {@code OUTPUT.job}.
 *
 * @param output appears when it is complete
 */
record JobFiles(Path output) {
  static final String SUFFIX = ".job";
  static final String LOG = "results.jsonl";

  Path parent() {
    return output.toAbsolutePath().getParent();
  }

  Path folder() {
    return output.resolveSibling(output.getFileName() + SUFFIX);
  }

  /** The output until it is complete. */
  Path log() {
    return folder().resolve(LOG);
  }

  Path index() {
    return folder().resolve("index");
  }

  Path manifest() {
    return folder().resolve("manifest.json");
  }

  Path lock() {
    return folder().resolve("lock");
  }

  Path scratch(String name) {
    return folder().resolve(name);
  }

  /** A job has begun here. */
  boolean areOurs(Disk disk) throws IOException {
    return disk.size(manifest()) >= 0;
  }

  /**
   * @throws MismatchException where there are results that are no job's
   */
  void requireOurs(Disk disk) throws IOException {
    if (areOurs(disk)) return;
    for (Path file : List.of(output(), log()))
      if (disk.size(file) > 0)
        throw new MismatchException(
            "output %s exists and holds %d bytes; move it away or pass --overwrite"
                .formatted(file, disk.size(file)));
  }

  /** The manifest goes last: without it the output would be taken for another's. */
  void delete(Disk disk) throws IOException {
    for (Path file : List.of(output(), log(), index(), manifest())) disk.delete(file);
  }
}
